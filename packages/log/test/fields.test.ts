import { describe, expect, test } from 'vitest'
import type { AccessLogOptions } from '../src/index.js'
import { AccessLog } from '../src/record/access-log.js'
import type { Exchange } from '../src/record/exchange.js'
import { clientAt, clientVia, exchange } from './identities.js'

const KEY = 'x8Vd0yL3nQ5wS7zB'

function fieldsOf(options: AccessLogOptions, changes: Partial<Exchange> = {}) {
  return new AccessLog(options).record(exchange(changes)).fields ?? {}
}

function lineOf(changes: Partial<Exchange> = {}, options: AccessLogOptions = {}) {
  return new AccessLog({ ...options, fields: 'combined' }).record(exchange(changes)).line ?? ''
}

describe('OpenTelemetry names', () => {
  test('the whole record', () => {
    expect(fieldsOf({ fields: 'otel' })).toEqual({
      'http.request.method': 'GET',
      'url.scheme': 'https',
      'url.path': '/users/7',
      'http.route': '/users/:id',
      'http.response.status_code': 200,
      'http.response.body.size': 512,
      'http.server.request.duration': 0.25,
      'network.protocol.version': '1.1',
      'user_agent.original': 'curl/8.5.0',
      'client.address': '203.0.113.9',
      'client.port': 5555,
      'network.peer.address': '10.0.0.1',
      'network.peer.port': 40_000,
      'truehop.identity.status': 'resolved',
      'truehop.identity.source': 'x-forwarded-for',
      'truehop.identity.reason': 'first-untrusted',
      'truehop.identity.rule': 'edge',
      'truehop.identity.hops': 1,
      'truehop.request.id': 'req-1',
    })
  })

  test('are the default', () => {
    expect(fieldsOf({})).toEqual(fieldsOf({ fields: 'otel', address: 'full' }))
  })

  test('an undetermined client is unknown, with the reason and the last trusted hop', () => {
    expect(fieldsOf({}, { identity: clientVia('_hidden') })).toMatchObject({
      'client.address': 'unknown',
      'network.peer.address': '10.0.0.1',
      'truehop.identity.status': 'undetermined',
      'truehop.identity.reason': 'unidentified-node',
      'truehop.identity.last_trusted_hop': '10.0.0.1',
    })
  })

  test('a request without a policy is unbound, not somebody', () => {
    const fields = fieldsOf({}, { identity: undefined })
    expect(fields).toMatchObject({
      'client.address': 'unknown',
      'truehop.identity.status': 'unbound',
    })
    expect(fields).not.toHaveProperty('network.peer.address')
  })

  test('a method nobody knows is _OTHER, and its text beside it', () => {
    expect(fieldsOf({}, { method: 'PURGE' })).toMatchObject({
      'http.request.method': '_OTHER',
      'http.request.method_original': 'PURGE',
    })
  })

  test('an aborted request has an error and no status that was not sent', () => {
    const fields = fieldsOf({}, { aborted: true, status: undefined, bytes: 0 })
    expect(fields).toMatchObject({ 'error.type': 'aborted', 'http.response.body.size': 0 })
    expect(fields).not.toHaveProperty('http.response.status_code')
  })

  test('a server error has its status as error type, a client error has none', () => {
    expect(fieldsOf({}, { status: 503 })).toMatchObject({ 'error.type': '503' })
    expect(fieldsOf({}, { status: 404 })).not.toHaveProperty('error.type')
  })

  test('HTTP/2 is version 2', () => {
    expect(fieldsOf({}, { httpVersion: '2.0' })).toMatchObject({ 'network.protocol.version': '2' })
  })

  test('the query only where it is asked for', () => {
    expect(fieldsOf({ query: true })).toMatchObject({ 'url.query': 'token=secret' })
    expect(JSON.stringify(fieldsOf({}))).not.toContain('secret')
  })

  test('decisions of other packages about the request', () => {
    const facts = { allowed: false, list: 'deny', entry: '203.0.113.0/24', source: 'drop' }
    expect(fieldsOf({}, { notes: [{ by: 'allowlist', facts }] })).toMatchObject({
      'truehop.allowlist.allowed': false,
      'truehop.allowlist.list': 'deny',
      'truehop.allowlist.entry': '203.0.113.0/24',
      'truehop.allowlist.source': 'drop',
    })
  })

  test.each([
    ['http://example.com/a?b', '/a'],
    ['http://example.com?b', '/'],
    ['http://example.com', '/'],
    ['*', '*'],
    ['/a?b?c', '/a'],
    ['//a//b', '//a//b'],
    ['?x', '/'],
  ])('the path of target %j', (target, path) => {
    expect(fieldsOf({}, { target })).toMatchObject({ 'url.path': path })
  })
})

describe('Elastic Common Schema names', () => {
  test('the whole record', () => {
    expect(fieldsOf({ fields: 'ecs' })).toEqual({
      '@timestamp': '2025-11-20T18:58:03.500Z',
      ecs: { version: '8.11.0' },
      event: {
        kind: 'event',
        category: ['web'],
        type: ['access'],
        outcome: 'success',
        start: '2025-11-20T18:58:03.250Z',
        duration: 250_000_000,
      },
      client: { address: '203.0.113.9', ip: '203.0.113.9', port: 5555 },
      source: { address: '10.0.0.1', ip: '10.0.0.1', port: 40_000 },
      http: {
        version: '1.1',
        request: { method: 'GET', id: 'req-1', referrer: 'https://example.com/' },
        response: { status_code: 200, body: { bytes: 512 } },
      },
      url: { path: '/users/7', scheme: 'https' },
      user_agent: { original: 'curl/8.5.0' },
      truehop: {
        identity: {
          status: 'resolved',
          source: 'x-forwarded-for',
          reason: 'first-untrusted',
          rule: 'edge',
          hops: 1,
        },
        route: '/users/:id',
      },
    })
  })

  test('fields of type ip hold addresses and nothing else', () => {
    const undetermined = fieldsOf({ fields: 'ecs' }, { identity: clientVia('unknown') })
    expect(undetermined).toMatchObject({ client: { address: 'unknown' } })
    expect(undetermined['client']).not.toHaveProperty('ip')
    const overUnix = fieldsOf({ fields: 'ecs' }, { identity: clientAt('unix') })
    expect(overUnix).toMatchObject({ source: { address: 'unix' } })
    expect(overUnix['source']).not.toHaveProperty('ip')
    const hidden = fieldsOf({ fields: 'ecs', address: 'hmac', hmac: { key: KEY } })
    expect(hidden['client']).toEqual({ address: expect.stringMatching(/^hmac-[\da-f]{32}$/) })
    expect(hidden['source']).toEqual({ address: expect.stringMatching(/^hmac-[\da-f]{32}$/) })
    expect(fieldsOf({ fields: 'ecs', address: 'truncated' })).toMatchObject({
      client: { address: '203.0.113.0', ip: '203.0.113.0' },
    })
  })

  test.each([
    [200, false, 'success'],
    [302, false, 'success'],
    [404, false, 'failure'],
    [500, false, 'failure'],
    [200, true, 'unknown'],
    [undefined, true, 'unknown'],
  ])('status %s, aborted %s: outcome %s', (status, aborted, outcome) => {
    expect(fieldsOf({ fields: 'ecs' }, { status, aborted })).toMatchObject({ event: { outcome } })
  })
})

describe('the NCSA combined line', () => {
  test('as Apache and NGINX write it', () => {
    expect(lineOf()).toBe(
      '203.0.113.9 - - [20/Nov/2025:18:58:03 +0000] "GET /users/7 HTTP/1.1" 200 512 "https://example.com/" "curl/8.5.0"',
    )
  })

  test('a dash for what is not there', () => {
    expect(lineOf({ bytes: 0, referer: undefined, userAgent: '', status: 304 })).toBe(
      '203.0.113.9 - - [20/Nov/2025:18:58:03 +0000] "GET /users/7 HTTP/1.1" 304 - "-" "-"',
    )
  })

  test('499 where the client left before the response began', () => {
    expect(lineOf({ aborted: true, status: undefined, bytes: 0 })).toContain('" 499 - "')
  })

  test('unknown for an undetermined client', () => {
    expect(lineOf({ identity: clientVia('unknown') })).toMatch(/^unknown - - \[/)
  })

  test('the query where it is asked for', () => {
    expect(lineOf({}, { query: true })).toContain('"GET /users/7?token=secret HTTP/1.1"')
  })

  test('every month', () => {
    const months = Array.from({ length: 12 }, (_, month) => Date.UTC(2024, month, 5, 4, 3, 2))
    const short = months.map(
      (startedAt) => /\[05\/(\w+)\/2024:04:03:02/.exec(lineOf({ startedAt }))?.[1],
    )
    expect(short.join()).toBe('Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec')
  })
})

describe('at start-up', () => {
  test.each<[string, object, string, string]>([
    ['unknown fields', { fields: 'json' }, 'bad-option', 'fields'],
    ['an unknown option', { field: 'otel' }, 'unknown-option', 'field'],
    ['an unknown form of addresses', { address: 'hidden' }, 'bad-option', 'address'],
    ['null for a form of addresses', { address: null }, 'bad-option', 'address'],
    [
      'null for a period',
      { address: 'hmac', hmac: { key: KEY, period: null } },
      'bad-option',
      'hmac.period',
    ],
    ['a hole among the headers', { headers: new Array(1) }, 'bad-option', 'headers[0]'],
    ['an unknown level', { level: 'loud' }, 'bad-option', 'level'],
    ['a query that is no boolean', { query: 'yes' }, 'bad-option', 'query'],
    ['skip that is no function', { skip: ['/health'] }, 'bad-option', 'skip'],
    ['span that is no function', { span: {} }, 'bad-option', 'span'],
    ['headers that are no list', { headers: 'accept' }, 'bad-option', 'headers'],
    ['a header that is no name', { headers: ['accept:'] }, 'bad-option', 'headers[0]'],
    ['a header with credentials', { headers: ['Accept', 'Cookie'] }, 'bad-option', 'headers[1]'],
    ['headers in a line', { fields: 'combined', headers: ['accept'] }, 'bad-option', 'headers'],
    ['a destination for objects', { destination: process.stdout }, 'bad-option', 'destination'],
    [
      'a destination that cannot write',
      { fields: 'combined', destination: {} },
      'bad-option',
      'destination',
    ],
    ['hmac without a key', { address: 'hmac' }, 'missing-key', 'hmac.key'],
    ['an empty key', { address: 'hmac', hmac: { key: '' } }, 'missing-key', 'hmac.key'],
    ['a key of 15 bytes', { address: 'hmac', hmac: { key: KEY.slice(1) } }, 'weak-key', 'hmac.key'],
    [
      'a key of zeros',
      { address: 'hmac', hmac: { key: new Uint8Array(32) } },
      'weak-key',
      'hmac.key',
    ],
    ['a key that is a number', { address: 'hmac', hmac: { key: 12 } }, 'bad-option', 'hmac.key'],
    [
      'a period of nothing',
      { address: 'hmac', hmac: { key: KEY, period: 59 } },
      'bad-option',
      'hmac.period',
    ],
    ['a key that is not used', { address: 'full', hmac: { key: KEY } }, 'bad-option', 'hmac'],
  ])('%s is an error with a code and a path', (_name, options, code, path) => {
    expect(() => new AccessLog(options as AccessLogOptions)).toThrow(
      expect.objectContaining({ name: 'LogError', code, path }),
    )
  })
})
