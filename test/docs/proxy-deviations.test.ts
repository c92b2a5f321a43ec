import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { decode } from '@truehop/proxy-protocol/wire'
import { describe, expect, test } from 'vitest'
import { SIGNATURE } from '../bytes/proxy-header.js'
import { code, section, tableIn } from './markdown.js'

const page = readFileSync(
  fileURLToPath(new URL('../../docs/deviations.md', import.meta.url)),
  'utf8',
)
const rowsOf = (heading: string) =>
  tableIn(section(page, heading)).map((row) => [row['input'] ?? '', row['truehop'] ?? ''])

const line = (text: string) =>
  Buffer.from(text.replaceAll('\\r', '\r').replaceAll('\\n', '\n'), 'latin1')
const header = (hex: string) => Buffer.from(SIGNATURE + hex.replaceAll(' ', ''), 'hex')

/** What the page writes in its column `truehop`. */
function answer(bytes: Uint8Array): string {
  const result = decode(bytes)
  if (result.status === 'malformed') return `\`${result.code}\``
  if (result.status === 'incomplete') return 'waits for more'
  if (result.status === 'absent') return 'no header'
  const { source } = result.header
  if (source === undefined) return 'the real endpoints count'
  return `\`${'path' in source ? source.path : source.address}\``
}

describe.each([
  ['### Version 1', line, 18],
  ['### Version 2', header, 17],
])('docs/deviations.md %s', (heading, bytes, count) => {
  const rows = rowsOf(heading)

  test(`has its ${count} rows`, () => {
    expect(rows).toHaveLength(count)
  })

  test.each(rows)('%s gives %s', (input, expected) => {
    expect(answer(bytes(code(input)))).toBe(expected)
  })
})
