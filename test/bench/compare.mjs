// What became slower: node compare.mjs before.json after.json
//
// Compares the ratios of two runs, each with its peers. Prints the rows that changed by more than a
// twentieth, and fails where one fell by more than a tenth.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rowsOf } from './rows.mjs'

const FALL = 0.1
const SHOWN = 0.05

/** Rows of both runs that changed, the worst first. `change` is -0.2 for a fifth less. */
export function changesOf(before, after) {
  const earlier = new Map(rowsOf(before).map((row) => [row.key, row]))
  const changes = rowsOf(after).flatMap((row) => {
    const value = earlier.get(row.key)?.value
    if (value === undefined || row.value === undefined) return []
    return [
      {
        key: row.key,
        what: row.what,
        before: value,
        after: row.value,
        change: row.value / value - 1,
      },
    ]
  })
  return changes.sort((a, b) => a.change - b.change)
}

export const hasFallen = ({ change }) => change < -FALL

function report(changes) {
  const shown = changes.filter(({ change }) => Math.abs(change) > SHOWN)
  if (shown.length === 0) return 'No ratio changed by more than a twentieth.'
  const rows = shown.map(
    ({ what, before, after, change }) =>
      `| ${what} | ${before.toFixed(2)} | ${after.toFixed(2)} | ${Math.round(100 * change)} % |`,
  )
  return ['| ratio | before | after | change |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [before, after] = process.argv
    .slice(2, 4)
    .map((file) => JSON.parse(readFileSync(file, 'utf8')))
  const changes = changesOf(before, after)
  console.log(report(changes))
  if (changes.some(hasFallen)) {
    console.error('a ratio fell by more than a tenth')
    process.exitCode = 1
  }
}
