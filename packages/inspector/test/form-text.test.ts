import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countLooks } from '../../../test/count-looks.js'
import { typedHeader, typedProxyLine } from '../src/serve/form-text.js'

const SIZE = 16_384

test.each([
  ['blanks in a value', `x: a${' '.repeat(SIZE)}b`],
  ['blanks before a value', `x:${' '.repeat(SIZE)}b`],
  ['blanks behind a value', `x: b${' '.repeat(SIZE)}`],
  ['tabs and line ends', `x: b${'\t\r'.repeat(SIZE / 2)}b`],
  ['nothing but blanks', `x:${' \t'.repeat(SIZE / 2)}`],
  ['no colon', 'x'.repeat(SIZE)],
])('a header line of %s is looked at once or twice, not once for each blank', (_name, line) => {
  const looks = countLooks(() => typedHeader(line))
  expect(looks).toBeGreaterThanOrEqual(SIZE)
  // To the colon, for signs that end a line, for blanks, and what is cut out.
  expect(looks).toBeLessThanOrEqual(5 * line.length + 8)
})

const blanks = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 5 })
const value = fc.string({ unit: fc.constantFrom('a', ' ', '\t', ':', ',', '"'), maxLength: 20 })
const name = fc.string({ unit: fc.constantFrom('a', 'X', '-', '_', '7'), minLength: 1 })

test('a header line is its name, and its value without the blanks around', () => {
  fc.assert(
    fc.property(name, blanks, value, fc.constantFrom('', '\r'), (given, before, text, end) => {
      const line = `${given}:${before}${text}${end}`
      const trimmed = text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '')
      expect(typedHeader(line)).toEqual({ name: given, value: trimmed })
    }),
  )
})

test.each(['', ':', ': value', 'no colon', 'two words: x', 'a: b\rc', 'a: b\u2028c'])(
  '%j is no header line',
  (line) => {
    expect(typedHeader(line)).toBeUndefined()
  },
)

test.each([
  ['PROXY UNKNOWN', 'PROXY UNKNOWN'],
  ['  PROXY UNKNOWN  \r', 'PROXY UNKNOWN'],
  ['PROXY UNKNOWN\\r\\n', 'PROXY UNKNOWN'],
  ['PROXY UNKNOWN\\r\\n \t', 'PROXY UNKNOWN'],
  ['PROXY UNKNOWN\\n', 'PROXY UNKNOWN'],
  ['PROXY UNKNOWN\\r', 'PROXY UNKNOWN'],
  ['\\r\\n', ''],
])('%j is the PROXY line %j', (line, text) => {
  expect(typedProxyLine(line)).toBe(text)
})
