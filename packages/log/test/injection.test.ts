import fc from 'fast-check'
import pino from 'pino'
import { describe, expect, test } from 'vitest'
import type { AccessLogOptions } from '../src/index.js'
import { AccessLog } from '../src/record/access-log.js'
import type { Exchange } from '../src/record/exchange.js'
import { exchange } from './identities.js'

/** What ends a line, moves a cursor or turns text around for some reader. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/

/** The combined format as a strict reader has it: quotes inside fields are escaped. */
const COMBINED =
  /^\S+ - - \[[^\]]+\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-) "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"$/

/** The text that pino writes for one exchange, without the line end. */
function written(options: AccessLogOptions, changes: Partial<Exchange>): string[] {
  const chunks: string[] = []
  const logger = pino({ base: null }, { write: (chunk) => void chunks.push(chunk) })
  new AccessLog(options).write(logger, exchange(changes))
  const text = chunks.join('')
  expect(text.endsWith('\n')).toBe(true)
  return text.slice(0, -1).split('\n')
}

const FORGED = '\r\n{"level":30,"client.address":"192.0.2.66"}\n'
const hostile = (text: string): Partial<Exchange> => ({
  target: `/${text}?${text}`,
  method: text,
  userAgent: text,
  referer: text,
  requestId: text,
  headers: { 'x-note': [text] },
})

describe('a text from outside never ends or forges a record', () => {
  test.each(['otel', 'ecs'] as const)('%s: one line, one object', (fields) => {
    const options: AccessLogOptions = { fields, query: true, headers: ['x-note'] }
    const lines = written(options, hostile(FORGED))
    expect(lines).toHaveLength(1)
    const record = JSON.parse(lines[0] ?? '')
    expect(JSON.stringify(record.client ?? record['client.address'])).toContain('203.0.113.9')
    expect(Object.keys(record).filter((name) => name === 'client.address').length).toBe(
      fields === 'otel' ? 1 : 0,
    )
  })

  test('combined: one line that a strict reader takes apart as it was put together', () => {
    const text = '" 200 1 "-" "-"\r\n192.0.2.66 - - [x] "GET / HTTP/1.1" 200 - "-" "\\'
    const lines = written({ fields: 'combined', query: true }, { ...hostile(text), headers: {} })
    expect(lines).toHaveLength(1)
    const line: string = JSON.parse(lines[0] ?? '').msg
    expect(line).toMatch(COMBINED)
    expect(line).toMatch(/^203\.0\.113\.9 - - /)
    expect(line).toContain('\\" 200 1 \\"-\\" \\"-\\"\\x0d\\x0a192.0.2.66')
  })

  test.each([
    ['an escape sequence of a terminal', '\u001b[2J', '\\x1b[2J'],
    ['its eight-bit form', '\u009b2J', '\\x9b2J'],
    ['a tab', 'a\tb', 'a\\x09b'],
    ['a null', 'a\u0000b', 'a\\x00b'],
    ['delete', 'a\u007fb', 'a\\x7fb'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['a right-to-left override', 'a\u202eb', 'a\\u202eb'],
    ['half a surrogate pair', 'a\ud800b', 'a\\ud800b'],
    ['the other half', 'a\udc00b', 'a\\udc00b'],
    ['a whole pair', 'a😀b', 'a😀b'],
    ['letters beyond ASCII', 'Zoë', 'Zoë'],
  ])('%s', (_name, text, shown) => {
    const { fields } = new AccessLog({}).record(exchange({ userAgent: text }))
    expect(fields?.['user_agent.original']).toBe(shown)
  })

  test('combined holds printable ASCII alone', () => {
    const { line } = new AccessLog({ fields: 'combined' }).record(
      exchange({ userAgent: 'Zoë\u2028 😀 "\\' }),
    )
    expect(line).toMatch(/"Zo\\xeb\\u2028 \\ud83d\\ude00 \\"\\\\"$/)
  })

  // Frameworks that trust X-Forwarded-Proto from anybody give what the client wrote.
  test.each(['otel', 'ecs'] as const)('a scheme that is none, in a record of %s', (fields) => {
    const record = new AccessLog({ fields }).record(exchange({ scheme: 'http\u009b2J' })).fields
    const scheme = record?.['url.scheme'] ?? Object(record?.['url']).scheme
    expect(scheme).toBe('http\\x9b2J')
  })

  test('a long text is cut', () => {
    const { fields } = new AccessLog({}).record(exchange({ userAgent: 'a'.repeat(20_000) }))
    expect(fields?.['user_agent.original']).toBe(`${'a'.repeat(1024)}…`)
  })

  const anything = fc.string({ unit: 'binary', maxLength: 60 })

  test('whatever the texts: otel', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const options: AccessLogOptions = { query: true, headers: ['x-note'] }
        const lines = written(options, hostile(text))
        expect(lines).toHaveLength(1)
        const record = JSON.parse(lines[0] ?? '')
        expect(record['client.address']).toBe('203.0.113.9')
        expect(record['http.response.status_code']).toBe(200)
        expect(UNPRINTABLE.test(Object.values(record).flat().join(' '))).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('whatever the texts: combined', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const { line } = new AccessLog({ fields: 'combined', query: true }).record(
          exchange(hostile(text)),
        )
        expect(line).toMatch(COMBINED)
        expect(line).toMatch(/^[\u0020-\u007e]+$/)
      }),
      { numRuns: 500 },
    )
  })
})
