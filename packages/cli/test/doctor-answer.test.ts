import { describe, expect, test } from 'vitest'
import { countLooks } from '../../../test/count-looks.js'
import { alike, answerOf, isUnfinished, isWhole } from '../src/doctor/answer.js'
import { headerLine } from '../src/evidence/header-fields.js'

const SIZE = 32_000
const HEAD = 'HTTP/1.1 200 OK\r\n'
const END = '\r\n\r\n'

const hostile: [string, string][] = [
  ['blanks in a value', `${HEAD}x: a${' '.repeat(SIZE)}b`],
  ['blanks before a value', `${HEAD}content-type:${' '.repeat(SIZE)}b`],
  ['blanks behind a value', `${HEAD}content-length: 7${' '.repeat(SIZE)}`],
  ['tabs and blanks', `${HEAD}x: b${'\t '.repeat(SIZE / 2)}b`],
  ['colons', `${HEAD}${':'.repeat(SIZE)}`],
  ['a name without end', `${HEAD}${'x'.repeat(SIZE)}`],
  ['names that are none', `${HEAD}${'x y: z\r\n'.repeat(SIZE / 8)}x: y`],
  ['empty fields', `${HEAD}${'x:\r\n'.repeat(SIZE / 4)}x: y`],
  ['line ends that are half', `${HEAD}${'\r'.repeat(SIZE)}`],
]

describe('an answer of a stranger is looked at a few times, not once for each blank', () => {
  test.each(hostile)('%s', (_name, head) => {
    for (const read of [answerOf, isWhole]) {
      const looks = countLooks(() => read(head + END, 'closed'))
      expect(looks).toBeGreaterThanOrEqual(head.length)
      expect(looks).toBeLessThanOrEqual(8 * head.length)
    }
  })
})

test.each([
  ['Content-Type:text/html', ['Content-Type', 'text/html']],
  ['a: \t b c \t', ['a', 'b c']],
  ['a:', ['a', '']],
  ['a: \t', ['a', '']],
  ['no colon', undefined],
  [': b', undefined],
  ['a b: c', undefined],
])('%j is the field %j', (line, field) => {
  expect(headerLine(line)).toEqual(field)
})

/** Lines as Exim 4.96, Postfix 3.7 and Dovecot 2.3 write them. */
test.each<[string, boolean, string, string]>([
  ['a greeting, and commands refused', false, '220 a\r\n500 b\r\n', '220 a\r\n503 c\r\n'],
  ['the same replies, other words', true, '220 a\r\n500 b\r\n', '220 x\r\n500 y\r\n'],
  ['a greeting of two lines', true, '220-a\r\n220 b\r\n500 c\r\n', '220 a\r\n500 c\r\n'],
  ['an answer that is cut off', true, '220 a\r\n500 b\r\n', '220 a\r\n'],
  ['QUIT in a signature', true, '220 a\r\n500 b\r\n221 c\r\n', '220 a\r\n500 b\r\n500 c\r\n'],
  ['a greeting and a goodbye', false, '220 a\r\n', '421 a\r\n'],
  ['what IMAP says later', true, '* OK a\r\nGET BAD b\r\n* BYE c\r\n', '* OK a\r\nGET BAD b\r\n'],
])('%s: treated alike is %s', (_name, expected, one, other) => {
  expect(alike(answerOf(one, 'closed'), answerOf(other, 'closed'))).toBe(expected)
})

test.each<[string, boolean, string, 'closed' | 'silent']>([
  ['nothing in time', true, '', 'silent'],
  ['nothing before the end', false, '', 'closed'],
  ['a greeting, and no reply yet', true, '220-a\r\n220 b\r\n', 'silent'],
  ['a greeting before the end', false, '220 a\r\n', 'closed'],
  ['a greeting and a reply', false, '220 a\r\n500 b\r\n', 'silent'],
  ['a greeting without codes', false, '* OK a\r\n', 'silent'],
  ['a response without its end', false, 'HTTP/1.1 200 OK\r\n\r\na', 'silent'],
])('%s: worth waiting longer is %s', (_name, expected, text, otherwise) => {
  expect(isUnfinished(answerOf(text, otherwise))).toBe(expected)
})
