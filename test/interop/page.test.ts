import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { HEADER_NAMES } from './harness/headers.js'
import { badge, page } from './harness/page.js'
import { readResults } from './harness/results.js'
import { BADGE, PAGE } from './harness/write-down.js'
import { PEERS } from './peers/index.js'

const results = readResults()
const has = (peer: string, role: string, setting: string, cell: string): boolean =>
  results.cells.some(
    (one) => one.peer === peer && one.role === role && one.setting === setting && one.cell === cell,
  )

test('the page and the badge are what the last run found', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(page(results))
  expect(readFileSync(BADGE, 'utf8')).toBe(badge(results))
})

test.each(PEERS)('no cell of $name is missing from the last run', (peer) => {
  const missing: string[] = []
  for (const { setting, cell } of peer.sends?.cells ?? []) {
    if (!has(peer.name, 'sends', setting, cell)) missing.push(`${setting}: ${cell}`)
  }
  for (const { setting } of peer.receives?.listeners ?? []) {
    if (!has(peer.name, 'doctor', setting, 'doctor')) missing.push(`${setting}: doctor`)
    for (const name of HEADER_NAMES) {
      if (!has(peer.name, 'receives', setting, name)) missing.push(`${setting}: ${name}`)
    }
  }
  expect(missing).toEqual([])
  // Who has no cells at all says why.
  const isRun = peer.sends !== undefined || peer.receives !== undefined
  expect(isRun || peer.cannot !== undefined).toBe(true)
})
