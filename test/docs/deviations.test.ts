import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { definePolicy, resolve } from '@truehop/identity'
import { describe, expect, test } from 'vitest'
import { code, section, tableIn } from './markdown.js'

const page = readFileSync(
  fileURLToPath(new URL('../../docs/deviations.md', import.meta.url)),
  'utf8',
)

/** What the page writes in its column `truehop`: an address, perhaps with a port, or a reason. */
function answer(header: string, value: string): string {
  const policy = definePolicy({ trust: ['10.0.0.0/8'], header })
  const identity = resolve(policy, { peer: '10.0.0.5', headers: { [header]: value } })
  if (identity.status === 'undetermined') return `undetermined: \`${identity.reason}\``
  return identity.port === undefined
    ? `\`${identity.ip}\``
    : `\`${identity.ip}\`, port ${identity.port}`
}

describe.each([
  ['### `Forwarded`', 'forwarded', 28],
  ['### `X-Forwarded-For`', 'x-forwarded-for', 20],
  ['### Headers with one address', 'cf-connecting-ip', 6],
])('docs/deviations.md %s', (heading, header, count) => {
  const rows = tableIn(section(page, heading))

  test(`has its ${count} rows`, () => {
    expect(rows).toHaveLength(count)
  })

  test.each(rows.map((row) => [row['input'] ?? '', row['truehop'] ?? '']))(
    '%s gives %s',
    (input, expected) => {
      expect(answer(header, code(input))).toBe(expected)
    },
  )
})
