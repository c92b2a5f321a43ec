import fc from 'fast-check'
import pino, { type Logger, type LoggerOptions, type StreamEntry } from 'pino'
import { describe, expect, test } from 'vitest'
import type { AccessLogOptions } from '../src/index.js'
import { AccessLog } from '../src/record/access-log.js'
import { type Exchange, NO_HEADERS, PASSED } from '../src/record/exchange.js'
import { clientAt, clientVia, exchange } from './identities.js'

const FIXED = { base: null, timestamp: () => ',"time":1' }

class Written {
  text = ''
  write(line: string): void {
    this.text += line
  }
}

/** The line of a record, and the line that pino makes of its fields. */
function both(
  { log = {}, pino: options = {} }: { log?: AccessLogOptions; pino?: LoggerOptions },
  changes: Partial<Exchange> = {},
  derived: (logger: Logger) => Logger = (logger) => logger,
) {
  const [ours, pinos] = [new Written(), new Written()]
  const access = new AccessLog(log)
  const given = exchange(changes)
  const level = log.level ?? 'info'
  access.write(derived(pino({ ...FIXED, ...options }, ours)), given)
  const { fields } = access.record(given)
  derived(pino({ ...FIXED, ...options }, pinos))[level](fields, 'access')
  return { ours: ours.text, pinos: pinos.text }
}

describe('a record that is written as text is the line that pino would write', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ maxLength: 2000 }),
    fc.constantFrom('"', '\\', '\u2028', '\ud800', '\u007f', 'a"b\\c', ' ', 'é', '\n'),
  )
  // Names are those of our own objects; values come from the configuration.
  const name = fc.stringMatching(/^[a-z_]{1,12}$/)
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean())
  const facts = fc.oneof(fc.dictionary(name, value, { maxKeys: 4 }), fc.constant(PASSED))
  // More ways to a client than are remembered.
  const hops = fc.nat(30).map((more) => clientVia(`203.0.113.9${', 10.0.0.2'.repeat(more)}`))
  const changes: fc.Arbitrary<Partial<Exchange>> = fc.record(
    {
      method: fc.oneof(fc.constantFrom('GET', 'PROPFIND'), text),
      target: text.map((path) => `/${path}`),
      scheme: fc.oneof(fc.constantFrom('http', 'https'), text),
      httpVersion: fc.constantFrom('1.0', '1.1', '2.0'),
      route: fc.option(text, { nil: undefined }),
      status: fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
      bytes: fc.nat(),
      duration: fc.double({ min: 0, max: 1e9, noNaN: true }),
      aborted: fc.boolean(),
      requestId: fc.option(text, { nil: undefined }),
      userAgent: fc.option(text, { nil: undefined }),
      headers: fc.oneof(
        fc.dictionary(fc.stringMatching(/^[a-z-]{1,12}$/), fc.array(text), { maxKeys: 3 }),
        fc.constant(NO_HEADERS),
      ),
      anomalies: fc.array(text, { maxLength: 3 }),
      notes: fc.array(fc.record({ by: fc.constantFrom('allowlist', 'rate_limit'), facts }), {
        maxLength: 2,
      }),
      identity: fc.oneof(
        fc.constantFrom(
          undefined,
          clientAt('203.0.113.9'),
          clientAt('2001:db8::1'),
          clientVia('_hidden'),
          clientVia('198.51.100.7:443'),
        ),
        hops,
      ),
    },
    { requiredKeys: [] },
  )

  test.each<AccessLogOptions>([
    {},
    { query: true },
    { address: 'truncated' },
    { about: [{ facts: () => ({ country: 'D"E', asn: 64_500, synthetic: 'bot' }) }] },
  ])('with %j', (log) => {
    fc.assert(
      fc.property(changes, (changed) => {
        const names = changed.notes?.map(({ by }) => by) ?? []
        fc.pre(new Set(names).size === names.length)
        const { ours, pinos } = both({ log }, changed)
        expect(ours).toBe(pinos)
      }),
    )
  })

  const derivations: readonly [string, (logger: Logger) => Logger][] = [
    ['a child with bindings', (logger) => logger.child({ reqId: 'a"b' }, {})],
    ['a child of a child', (logger) => logger.child({ a: 1 }).child({ b: [2] })],
    ['a child with another level', (logger) => logger.child({}, { level: 'debug' })],
    ['a child that is silent', (logger) => logger.child({}, { level: 'silent' })],
    ['a child with a prefix', (logger) => logger.child({}, { msgPrefix: '[a] ' })],
    ['a child with redaction', (logger) => logger.child({}, { redact: ['["url.path"]'] })],
    [
      'a child with a serializer',
      (logger) => logger.child({}, { serializers: { 'client.address': () => 'hidden' } }),
    ],
    [
      'a child with a formatter',
      (logger) => logger.child({}, { formatters: { log: (all) => ({ ...all, more: 1 }) } }),
    ],
    [
      'bindings that are set later',
      (logger) => {
        logger.setBindings({ late: true })
        return logger
      },
    ],
    [
      'a method in place of its own',
      (logger) => Object.assign(logger, { info: (fields: object) => logger.warn({ fields }) }),
    ],
  ]
  test.each(derivations)('through %s', (_name, derived) => {
    const { ours, pinos } = both({}, {}, derived)
    expect(ours).toBe(pinos)
  })

  test.each<LoggerOptions>([
    {},
    { base: { pid: 1, hostname: 'h' } },
    { name: 'shop' },
    { level: 'warn' },
    { mixin: () => ({ trace: 'abc' }) },
    { mixin: (_fields, level) => ({ level }), mixinMergeStrategy: (a, b) => ({ ...b, ...a }) },
    { redact: ['["client.address"]'] },
    { redact: { paths: ['["url.path"]'], remove: true } },
    { serializers: { 'url.path': () => '/hidden' } },
    { serializers: { msg: (text: string) => text.toUpperCase() } },
    { serializers: { client: () => 'hidden' } },
    { serializers: { [Symbol.for('pino.*')]: (all: object) => ({ ...all, wild: 1 }) } },
    { formatters: { log: (fields) => ({ record: fields }) } },
    { formatters: { level: (label) => ({ severity: label }) } },
    { formatters: { bindings: () => ({ b: 1 }) }, base: { pid: 1 } },
    { hooks: { streamWrite: (line) => line.replace('GET', 'HIDDEN') } },
    { hooks: { logMethod: (args, method) => method.apply(pino(), args) }, level: 'silent' },
    { nestedKey: 'payload' },
    { messageKey: 'message' },
    { msgPrefix: '[shop] ' },
    { crlf: true },
    { customLevels: { audit: 35 } },
    { levelComparison: 'DESC', level: 'info' },
  ])('of pino with %j', (options) => {
    const { ours, pinos } = both({ pino: options })
    expect(ours).toBe(pinos)
  })

  test.each(['trace', 'debug', 'warn', 'error'] as const)('at level %s', (level) => {
    const { ours, pinos } = both({ log: { level }, pino: { level: 'trace' } })
    expect(ours).toBe(pinos)
    expect(ours).toContain('"url.path"')
  })
})

test('a stream that needs to know the level of a line gets it from pino', () => {
  const [low, high] = [new Written(), new Written()]
  const streams: StreamEntry[] = [
    { level: 'info', stream: low },
    { level: 'error', stream: high },
  ]
  new AccessLog({}).write(pino(FIXED, pino.multistream(streams)), exchange({}))
  expect(low.text).toContain('"url.path"')
  expect(high.text).toBe('')
})
