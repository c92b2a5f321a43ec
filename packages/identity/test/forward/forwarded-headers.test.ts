import { decode, encode } from '@truehop/proxy-protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  definePolicy,
  forwardedHeaders,
  proxyHeaderFor,
  resolve,
  writeForwardedHeaders,
} from '../../src/index.js'

const FORGED = '192.0.2.66'
const policy = definePolicy({
  hops: [
    { name: 'proxy', from: ['10.0.0.5'], asserts: 'x-forwarded-for', original: ['proto', 'host'] },
  ],
})

const identityFor = (list: string, more: Readonly<Record<string, string>> = {}) =>
  resolve(policy, { peer: '10.0.0.5', headers: { 'x-forwarded-for': list, ...more } })

const client = identityFor('198.51.100.7', {
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'app.example:8443',
})
const nobody = identityFor('unknown')

describe('forwarded headers', () => {
  test('name the decided client, scheme and host in both header forms', () => {
    expect(forwardedHeaders(client)).toEqual({
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'app.example:8443',
      forwarded: 'for=198.51.100.7;proto=https;host="app.example:8443"',
    })
  })

  test('quote an IPv6 client in Forwarded, RFC 7239 section 6', () => {
    expect(forwardedHeaders(identityFor('2001:db8::7'))).toMatchObject({
      'x-forwarded-for': '2001:db8::7',
      forwarded: 'for="[2001:db8::7]"',
    })
  })

  test('say unknown of an undetermined client, and never the proxy', () => {
    expect(forwardedHeaders(nobody)).toEqual({
      'x-forwarded-for': 'unknown',
      forwarded: 'for=unknown',
    })
  })

  test.each([
    'X-Forwarded-For',
    'x_forwarded_for',
    'Forwarded',
    'X-Real-IP',
    'CF-Connecting-IP',
    'True-Client-IP',
    'Fly-Client-IP',
    'X-Client-IP',
    'Client-IP',
    'DO-Connecting-IP',
    'CloudFront-Viewer-Address',
    'X-Nf-Client-Connection-IP',
    'X-Forwarded-Proto',
    'X-Forwarded-Host',
    'X-Forwarded-Port',
    'X-Forwarded-Prefix',
    'X-Forwarded-Whatever-Comes-Next',
    'X-Original-Forwarded-For',
    'X-IISNode-REMOTE_ADDR',
    'Front-End-Https',
    // What request-ip reads, and what lighttpd makes the same variable of as of dashes.
    'X-Forwarded',
    'Forwarded-For',
    'CF-Pseudo-IPv4',
    'X.Forwarded.For',
    'X-Scheme',
    ':authority',
  ])('do not pass on a client’s %s', (name) => {
    const passed = forwardedHeaders(client, { [name]: FORGED, accept: '*/*' })
    expect(JSON.stringify(passed)).not.toContain(FORGED)
    expect(passed).toMatchObject({ accept: '*/*', 'x-forwarded-for': '198.51.100.7' })
  })

  test('do not pass on names of one’s own', () => {
    expect(
      forwardedHeaders(client, { 'X-Acme-Visitor': FORGED }, { remove: ['x-acme-visitor'] }),
    ).not.toHaveProperty('X-Acme-Visitor')
  })

  test.each([
    ['x-forwarded-for', undefined],
    ['keep-alive, X-Forwarded-For, forwarded', 'keep-alive'],
    ['Upgrade', 'Upgrade'],
    [['close', 'x-forwarded-for'], 'close'],
  ] as const)('cannot be removed by Connection: %j', (text, left) => {
    const passed = forwardedHeaders(client, {
      connection: typeof text === 'string' ? text : [...text],
    })
    expect(passed['connection']).toBe(left)
    expect(passed['x-forwarded-for']).toBe('198.51.100.7')
  })

  test('can be sent over HTTP/1 for a request of HTTP/2, and without Expect, which Node has answered', () => {
    const fields = { ':method': 'GET', ':path': '/', ':scheme': 'https', expect: '100-continue' }
    const passed = forwardedHeaders(client, { ...fields, accept: '*/*' })
    expect(Object.keys(passed).filter((name) => !name.includes('forwarded'))).toEqual(['accept'])
  })

  test('leave out a host that is not a host', () => {
    const odd = identityFor('198.51.100.7', { 'x-forwarded-host': 'a"; for=192.0.2.66' })
    expect(forwardedHeaders(odd)['forwarded']).toBe('for=198.51.100.7')
  })

  test('change a request that has not been sent', () => {
    const fields = new Map([
      ['host', 'upstream'],
      ['x-real-ip', FORGED],
      ['connection', 'x-forwarded-for'],
    ])
    writeForwardedHeaders(
      {
        getHeaders: () => Object.fromEntries(fields),
        setHeader: (name, value) => fields.set(name, value),
        removeHeader: (name) => void fields.delete(name),
      },
      client,
    )
    expect(Object.fromEntries(fields)).toEqual({
      host: 'upstream',
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'app.example:8443',
      forwarded: 'for=198.51.100.7;proto=https;host="app.example:8443"',
    })
  })

  test('have the upstream decide the same, whatever a client sends', () => {
    const name = fc.constantFrom(
      'x-forwarded-for',
      'forwarded',
      'X_Forwarded_For',
      'x-real-ip',
      'connection',
      'cf-connecting-ip',
      'x-forwarded-proto',
    )
    const upstreams = ['x-forwarded-for', 'forwarded'].map((header) =>
      definePolicy({ trust: ['10.0.9.9'], header }),
    )
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), fc.constantFrom(client, nobody), (sent, by) => {
        const headers = forwardedHeaders(by, sent)
        for (const upstream of upstreams) {
          expect(resolve(upstream, { peer: '10.0.9.9', headers }).ip).toBe(by.ip)
        }
      }),
    )
  })
})

describe('the PROXY header for an upstream', () => {
  const end = { localAddress: '::ffff:10.0.1.7', localPort: 3000 }

  test.each([1, 2] as const)('names the decided client, version %i', (version) => {
    const header = proxyHeaderFor(client, end, { version })
    const result = header === undefined ? undefined : decode(encode(header))
    expect(result).toMatchObject({
      status: 'complete',
      header: {
        version,
        family: 'INET',
        source: { address: '198.51.100.7', port: 0 },
        destination: { address: '10.0.1.7', port: 3000 },
      },
    })
  })

  test('puts ends of both families into one of IPv6', () => {
    const header = proxyHeaderFor(identityFor('2001:db8::7'), end)
    const bytes = header === undefined ? Buffer.alloc(0) : encode(header)
    expect(decode(bytes)).toMatchObject({
      status: 'complete',
      header: { family: 'INET6', source: { address: '2001:db8::7' } },
    })
  })

  test('is none if nobody can be named, as any would name this proxy', () => {
    expect(proxyHeaderFor(nobody, end)).toBeUndefined()
    expect(proxyHeaderFor(client, {})).toBeUndefined()
  })
})

describe('a call of another form is an error, and nothing is forwarded', () => {
  const removed: object = { removed: ['x-user'] }
  const versio: object = { versio: 1 }
  test.each<[string, () => unknown, string]>([
    ['a misspelt remove', () => forwardedHeaders(client, {}, removed), 'removed: unknown option'],
    ['text for remove', () => call(client, {}, { remove: 'x-user' }), "write remove: ['x-user']"],
    ['a number in remove', () => call(client, {}, { remove: [5] }), "write remove: ['x-user']"],
    ['Headers', () => call(client, new Headers({ cookie: 'a=1' })), 'write request.headers'],
    ['a Map', () => call(client, new Map([['cookie', 'a=1']])), 'write request.headers'],
    ['rawHeaders', () => call(client, ['cookie', 'a=1']), 'write request.headers'],
    ['a misspelt version', () => proxyHeaderFor(client, {}, versio), 'write version'],
  ])('%s', (_name, made, says) => {
    expect(made).toThrow(TypeError)
    expect(made).toThrow(says)
  })

  function call(...given: readonly unknown[]): unknown {
    return Reflect.apply(forwardedHeaders, undefined, given)
  }
})
