import { TlvType } from '@truehop/proxy-protocol/wire'
import { describe, expect, test } from 'vitest'
import {
  definePolicy,
  type Evidence,
  explain,
  formatExplanation,
  type PolicyOptions,
  resolve,
} from '../src/portable.js'

function original(options: PolicyOptions, evidence: Evidence): string {
  const { protocol, host } = resolve(definePolicy(options), evidence)
  return `${protocol}://${host}`
}

const ALL = ['proto', 'host', 'port'] as const
const XFF = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for', original: ALL }
const OWN = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }
const host = 'inside.example'

describe('scheme and host of the original request', () => {
  test.each<[string, Record<string, string>, string]>([
    ['nothing said', {}, 'http://inside.example'],
    ['overwritten by one proxy', { 'x-forwarded-proto': 'https' }, 'https://inside.example'],
    [
      'appended to by every proxy',
      {
        'x-forwarded-proto': 'gopher, https, http',
        'x-forwarded-for': '6.6.6.6, 198.51.100.7, 10.0.0.2',
      },
      'https://inside.example',
    ],
    [
      'claimed by the client, appended to by the proxy',
      { 'x-forwarded-proto': 'https, http' },
      'http://inside.example',
    ],
    [
      'several but fewer than hops: nobody knows whose they are',
      {
        'x-forwarded-proto': 'https, https',
        'x-forwarded-for': '198.51.100.7, 10.0.0.2, 10.0.0.3',
      },
      'http://inside.example',
    ],
    ['no scheme', { 'x-forwarded-proto': 'javascript' }, 'http://inside.example'],
    ['WebSocket', { 'x-forwarded-proto': 'WSS' }, 'https://inside.example'],
    ['host', { 'x-forwarded-host': 'Shop.Example:8443' }, 'http://shop.example:8443'],
    ['a host without a port', { 'x-forwarded-host': 'shop.example' }, 'http://shop.example'],
    ['a port without a host', { 'x-forwarded-port': '8443' }, 'http://inside.example:8443'],
    [
      "the other scheme's port",
      { 'x-forwarded-host': 'shop.example', 'x-forwarded-port': '443' },
      'http://shop.example:443',
    ],
    ['an IPv6 host', { 'x-forwarded-host': '[2001:DB8::1]:8443' }, 'http://[2001:db8::1]:8443'],
    ['a host with a path', { 'x-forwarded-host': 'evil.example/x' }, 'http://inside.example'],
    [
      'a host with user information',
      { 'x-forwarded-host': 'a@evil.example' },
      'http://inside.example',
    ],
    ['a host with a bad port', { 'x-forwarded-host': 'a.example:70000' }, 'http://inside.example'],
    [
      'host and port',
      {
        'x-forwarded-host': 'shop.example',
        'x-forwarded-port': '8443',
        'x-forwarded-proto': 'https',
      },
      'https://shop.example:8443',
    ],
    [
      "the scheme's own port",
      {
        'x-forwarded-host': 'shop.example',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      },
      'https://shop.example',
    ],
    [
      'a port beside a host that has one',
      { 'x-forwarded-host': 'shop.example:81', 'x-forwarded-port': '8443' },
      'http://shop.example:81',
    ],
  ])('%s', (_, headers, expected) => {
    const given = { 'x-forwarded-for': '198.51.100.7', host, ...headers }
    expect(original(XFF, { peer: '10.0.0.5', headers: given, encrypted: false })).toBe(expected)
  })

  test('is the element that named the client in Forwarded', () => {
    const headers = {
      host,
      forwarded:
        'for=6.6.6.6;proto=gopher;host=evil, for=198.51.100.7;proto=https;host="Shop.example:81", for=10.0.0.2;proto=http;host=lb',
    }
    const options = { trust: ['10.0.0.0/8'], header: 'forwarded', original: ALL }
    expect(original(options, { peer: '10.0.0.5', headers })).toBe('https://shop.example:81')
  })

  const claims = { host, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' }

  test('is not taken from a party that no HTTP rule trusts', () => {
    const evidence = { peer: '192.0.2.1', headers: claims, encrypted: false }
    expect(original(XFF, evidence)).toBe('http://inside.example')
    const nlb = { trust: ['10.0.0.0/8'], header: 'proxy-protocol' }
    expect(original(nlb, { ...evidence, peer: '10.0.0.5' })).toBe('http://inside.example')
  })

  test.each<[string, PolicyOptions, Record<string, string>, string]>([
    ['no X-Forwarded-For', OWN, {}, 'https://inside.example'],
    ['one that names nobody', OWN, { 'x-forwarded-for': 'unknown' }, 'https://inside.example'],
    [
      'nobody, by a header of one address',
      { ...OWN, header: 'x-real-ip' },
      {},
      'https://inside.example',
    ],
    [
      'an element of Forwarded without for',
      { ...OWN, header: 'forwarded', original: ALL },
      { forwarded: 'for=6.6.6.6;proto=gopher;host=evil, proto=http;host=shop.example' },
      'http://shop.example',
    ],
    [
      'nobody in Forwarded, so that X-Forwarded-Proto is the words of somebody else',
      { ...OWN, header: 'forwarded', original: ALL },
      {},
      'http://inside.example',
    ],
  ])('is taken from a trusted peer that names nobody: %s', (_, policy, more, expected) => {
    const headers = { ...claims, ...more }
    expect(original(policy, { peer: '10.0.0.5', headers, encrypted: false })).toBe(expected)
  })

  test('is the word of the last trusted node where all nodes are trusted', () => {
    const headers = {
      host,
      'x-forwarded-for': '10.0.0.9',
      'x-forwarded-proto': 'gopher, https, http',
    }
    expect(original(OWN, { peer: '10.0.0.5', headers })).toBe('https://inside.example')
  })

  test('is only the scheme unless the rule says more', () => {
    const headers = { ...claims, 'x-forwarded-for': '198.51.100.7', 'x-forwarded-port': '81' }
    expect(original(OWN, { peer: '10.0.0.5', headers })).toBe('https://inside.example')
    const forwarded = { host, forwarded: 'for=198.51.100.7;proto=https;host=evil.example' }
    const rule = { ...OWN, header: 'forwarded' }
    expect(original(rule, { peer: '10.0.0.5', headers: forwarded })).toBe('https://inside.example')
  })

  test('is not taken from headers of which lines may be missing', () => {
    const policy = { hops: [{ from: ['10.0.0.0/8'], asserts: 'proxy-protocol', original: ALL }] }
    const evidence = { peer: '10.0.0.5', headers: claims, encrypted: false }
    expect(original(policy, evidence)).toBe('https://evil.example')
    expect(original(policy, { ...evidence, headersTruncated: true })).toBe('http://inside.example')
  })

  test('is what an HTTP hop says that sends PROXY headers, where its rule has original', () => {
    const header = {
      version: 2 as const,
      command: 'PROXY' as const,
      family: 'INET' as const,
      transport: 'STREAM' as const,
      source: { address: '198.51.100.7', port: 1 },
      destination: { address: '10.0.0.9', port: 443 },
      tlvs: [],
    }
    const headers = { host, 'x-forwarded-proto': 'gopher, https' }
    const evidence = { peer: '10.0.0.5', headers, encrypted: false, proxyHeaders: [header] }
    const haproxy = { ...OWN, header: 'proxy-protocol', original: ['proto'] as const }
    expect(original(haproxy, evidence)).toBe('https://inside.example')
    const local = {
      ...header,
      command: 'LOCAL' as const,
      source: undefined,
      destination: undefined,
    }
    const { source: _, destination: __, ...check } = local
    expect(original(haproxy, { ...evidence, proxyHeaders: [check] })).toBe('https://inside.example')
  })

  test.each<[string, string | undefined]>([
    ['', undefined],
    ['foo:bar', undefined],
    ['foo:', 'foo'],
    ['Foo:80', 'foo:80'],
    ['[::1]:80', '[::1]:80'],
    ['[::::]', undefined],
    ['[1.2.3.4.5]', undefined],
    ['a b', undefined],
  ])('of Host: %j is %s (RFC 3986 section 3.2)', (text, expected) => {
    const headers = { host: text }
    expect(resolve(definePolicy(OWN), { peer: '192.0.2.1', headers }).host).toBe(expected)
  })

  test('is limited to what the rule says the hop may assert', () => {
    const headers = { ...claims, 'x-forwarded-for': '198.51.100.7' }
    const rule = { ...XFF, original: ['proto'] as const }
    expect(original(rule, { peer: '10.0.0.5', headers })).toBe('https://inside.example')
    const none = { ...XFF, original: [] }
    expect(original(none, { peer: '10.0.0.5', headers, encrypted: false })).toBe(
      'http://inside.example',
    )
  })

  test('is https where the PROXY header of the nearest reporter says TLS', () => {
    const header = (client: number) => ({
      version: 2 as const,
      command: 'PROXY' as const,
      family: 'INET' as const,
      transport: 'STREAM' as const,
      source: { address: '198.51.100.7', port: 1 },
      destination: { address: '10.0.0.9', port: 443 },
      tlvs: [{ type: TlvType.SSL, value: Uint8Array.of(client, 0, 0, 0, 0) }],
    })
    const nlb = { trust: ['10.0.0.0/8'], header: 'proxy-protocol' }
    const evidence = { peer: '10.0.0.5', headers: { host }, encrypted: false }
    expect(original(nlb, { ...evidence, proxyHeaders: [header(1)] })).toBe('https://inside.example')
    expect(original(nlb, { ...evidence, proxyHeaders: [header(0)], encrypted: true })).toBe(
      'http://inside.example',
    )
    expect(original(nlb, { ...evidence, peer: '192.0.2.1', proxyHeaders: [header(1)] })).toBe(
      'http://inside.example',
    )
  })

  test('is not what headers say behind a hop that knows no HTTP', () => {
    const nlb = { trust: ['10.0.0.0/8'], header: 'proxy-protocol' }
    const header = {
      version: 1 as const,
      command: 'PROXY' as const,
      family: 'INET' as const,
      transport: 'STREAM' as const,
      source: { address: '198.51.100.7', port: 1 },
      destination: { address: '10.0.0.9', port: 443 },
      tlvs: [],
    }
    const headers = { host, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' }
    const evidence = { peer: '10.0.0.5', headers, encrypted: false, proxyHeaders: [header] }
    expect(original(nlb, evidence)).toBe('http://inside.example')
  })

  test("is the connection's own where nobody else is there", () => {
    const headers = { ':authority': 'Direct.example' }
    expect(original(XFF, { peer: '192.0.2.1', headers, encrypted: true })).toBe(
      'https://direct.example',
    )
    expect(original(XFF, { peer: '192.0.2.1' })).toBe('undefined://undefined')
  })
})

describe('an explanation of scheme and host', () => {
  const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
  const headers = {
    host: 'app.example',
    'x-forwarded-for': '198.51.100.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
  }
  const explanation = explain(policy, { peer: '10.0.0.5', headers })

  test('says which header gave each, and which was not believed', () => {
    expect(explanation.original).toEqual({
      protocol: 'https',
      host: 'app.example',
      protocolSource: 'x-forwarded-proto',
      hostSource: 'host',
      portSource: undefined,
      ignored: ['x-forwarded-host'],
    })
  })

  test('says so in text too', () => {
    const lines = formatExplanation(explanation)
      .split('\n')
      .map((line) => line.replace(/ +/g, ' '))
    expect(lines.slice(-2)).toEqual([
      'scheme https x-forwarded-proto',
      'ignored x-forwarded-host no hop that may say it',
    ])
  })
})
