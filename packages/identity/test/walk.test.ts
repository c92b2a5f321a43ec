import type { ProxyHeader } from '@truehop/proxy-protocol/wire'
import { describe, expect, test } from 'vitest'
import { definePolicy, type Evidence, type PolicyOptions, resolve } from '../src/portable.js'

function proxied(address: string, port = 40_000): ProxyHeader {
  const family = address.includes(':') ? 'INET6' : 'INET'
  const destination = { address: family === 'INET' ? '10.0.0.9' : '2001:db8::9', port: 443 }
  const source = { address, port }
  return {
    version: 2,
    command: 'PROXY',
    family,
    transport: 'STREAM',
    source,
    destination,
    tlvs: [],
  }
}

const LOCAL: ProxyHeader = {
  version: 2,
  command: 'LOCAL',
  family: 'UNSPEC',
  transport: 'UNSPEC',
  tlvs: [],
}
const UNKNOWN: ProxyHeader = { ...LOCAL, version: 1, command: 'PROXY', transport: 'STREAM' }
const UNSPEC: ProxyHeader = { ...LOCAL, command: 'PROXY' }
const UNIX: ProxyHeader = {
  ...UNSPEC,
  family: 'UNIX',
  transport: 'STREAM',
  source: { path: '/run/a' },
  destination: { path: '/run/b' },
}

/** `client by source: reason`, or the reason of an undetermined one. */
function decide(options: PolicyOptions, evidence: Evidence): string {
  const identity = resolve(definePolicy(options), evidence)
  if (identity.status === 'undetermined') return identity.reason
  const port = identity.port === undefined ? '' : ` port ${identity.port}`
  return `${identity.ip}${port} by ${identity.source}: ${identity.reason}`
}

const NLB = { name: 'nlb', from: ['10.0.0.0/16'], asserts: 'proxy-protocol' }
const CDN = { name: 'cdn', from: ['173.245.48.0/20'], asserts: 'cf-connecting-ip' }
const NGINX = { name: 'nginx', from: ['10.1.0.0/16'], asserts: 'x-forwarded-for' }
const CHAIN = { hops: [NLB, CDN, NGINX] }

describe('PROXY headers and request headers in one walk', () => {
  test.each<[string, Evidence, string]>([
    [
      'PROXY header, then a single header',
      {
        peer: '10.0.0.5',
        proxyHeaders: [proxied('173.245.48.7')],
        headers: { 'cf-connecting-ip': '198.51.100.7' },
      },
      '198.51.100.7 by cf-connecting-ip: first-untrusted',
    ],
    [
      'PROXY header, then X-Forwarded-For, then a single header',
      {
        peer: '10.0.0.5',
        proxyHeaders: [proxied('10.1.0.3')],
        headers: {
          'x-forwarded-for': '6.6.6.6, 173.245.48.7',
          'cf-connecting-ip': '198.51.100.7',
        },
      },
      '198.51.100.7 by cf-connecting-ip: first-untrusted',
    ],
    [
      'the client behind the balancer is nobody who may assert a header',
      {
        peer: '10.0.0.5',
        proxyHeaders: [proxied('203.0.113.9', 51_442)],
        headers: { 'cf-connecting-ip': '6.6.6.6', 'x-forwarded-for': '6.6.6.6' },
      },
      '203.0.113.9 port 51442 by proxy-protocol: first-untrusted',
    ],
    [
      'a direct peer asserts whatever it likes',
      {
        peer: '203.0.113.9',
        peerPort: 1234,
        proxyHeaders: [proxied('6.6.6.6')],
        headers: { 'cf-connecting-ip': '6.6.6.6', 'x-forwarded-for': '6.6.6.6' },
      },
      '203.0.113.9 port 1234 by socket: peer-untrusted',
    ],
    [
      'a mapped address in a PROXY header is the IPv4 address',
      { peer: '::ffff:10.0.0.5', proxyHeaders: [proxied('::ffff:173.245.48.7')], headers: {} },
      '173.245.48.7 port 40000 by proxy-protocol: chain-exhausted',
    ],
    [
      'LOCAL: the balancer speaks for itself, whatever headers say',
      {
        peer: '10.0.0.5',
        peerPort: 9,
        proxyHeaders: [LOCAL],
        headers: { 'x-forwarded-for': '6.6.6.6' },
      },
      '10.0.0.5 port 9 by socket: proxy-local',
    ],
    ['UNKNOWN', { peer: '10.0.0.5', proxyHeaders: [UNKNOWN] }, '10.0.0.5 by socket: proxy-unknown'],
    ['UNSPEC', { peer: '10.0.0.5', proxyHeaders: [UNSPEC] }, '10.0.0.5 by socket: proxy-unspec'],
    [
      'a second header by a hop that is trusted for it',
      { peer: '10.0.0.5', proxyHeaders: [proxied('10.0.0.6'), proxied('198.51.100.7')] },
      '198.51.100.7 port 40000 by proxy-protocol: first-untrusted',
    ],
    [
      'a second header by a client is not read',
      { peer: '10.0.0.5', proxyHeaders: [proxied('198.51.100.7'), proxied('6.6.6.6')] },
      '198.51.100.7 port 40000 by proxy-protocol: first-untrusted',
    ],
    [
      'LOCAL behind a trusted header: the node that sent it is the client',
      { peer: '10.0.0.5', proxyHeaders: [proxied('10.0.0.6', 77), LOCAL] },
      '10.0.0.6 port 77 by proxy-protocol: proxy-local',
    ],
    ['a path of another machine', { peer: '10.0.0.5', proxyHeaders: [UNIX] }, 'unidentified-node'],
    [
      'an unspecified source',
      { peer: '10.0.0.5', proxyHeaders: [proxied('0.0.0.0')] },
      'unspecified-address',
    ],
    [
      'an unspecified IPv6 source',
      { peer: '10.0.0.5', proxyHeaders: [proxied('::')] },
      'unspecified-address',
    ],
    [
      'no PROXY header',
      { peer: '10.0.0.5', headers: { 'x-forwarded-for': '6.6.6.6' }, proxyHeaders: [] },
      '10.0.0.5 by socket: header-missing',
    ],
    ['a peer that is no address', { peer: 'localhost' }, 'no-peer'],
    ['a closed connection', { peer: undefined }, 'no-peer'],
  ])('%s', (_, evidence, expected) => {
    expect(decide(CHAIN, evidence)).toBe(expected)
  })
})

describe('several lists', () => {
  const options = {
    hops: [
      { from: ['10.0.0.0/16'], asserts: 'x-forwarded-for' },
      { from: ['10.1.0.0/16'], asserts: 'forwarded' },
    ],
  }

  test('each have a cursor of their own', () => {
    const headers = {
      'x-forwarded-for': '198.51.100.7, 10.1.0.2, 10.0.0.3',
      forwarded: 'for=6.6.6.6, for=10.0.0.4',
    }
    expect(decide(options, { peer: '10.0.0.5', headers })).toBe(
      '198.51.100.7 by x-forwarded-for: first-untrusted',
    )
  })

  test('give way to the next rule in order once they are read', () => {
    const both = {
      hops: [
        { from: ['loopback'], asserts: 'x-real-ip' },
        { from: ['loopback'], asserts: 'forwarded' },
      ],
    }
    const headers = { 'x-real-ip': '127.0.0.2', forwarded: 'for=192.0.2.9' }
    expect(decide(both, { peer: '127.0.0.1', headers })).toBe(
      '192.0.2.9 by forwarded: first-untrusted',
    )
    expect(decide(both, { peer: '127.0.0.1', headers: { forwarded: 'for=192.0.2.9' } })).toBe(
      '192.0.2.9 by forwarded: first-untrusted',
    )
  })
})

describe('depth', () => {
  const options = { hops: [{ from: ['10.0.0.0/8'], asserts: 'x-forwarded-for', depth: 2 }] }
  test.each([
    ['6.6.6.6, 198.51.100.7, 10.0.0.1', '198.51.100.7 by x-forwarded-for: count'],
    ['6.6.6.6, 198.51.100.7:80, !garbage!', '198.51.100.7 port 80 by x-forwarded-for: count'],
    ['6.6.6.6, 198.51.100.7,, ,10.0.0.1,', '198.51.100.7 by x-forwarded-for: count'],
    ['198.51.100.7, unknown, 10.0.0.1', 'unidentified-node'],
    ['198.51.100.7', 'chain-too-short'],
    ['', '10.0.0.5 by socket: header-missing'],
    [undefined, '10.0.0.5 by socket: header-missing'],
  ])('2 in %j: %s', (list, expected) => {
    expect(decide(options, { peer: '10.0.0.5', headers: { 'x-forwarded-for': list } })).toBe(
      expected,
    )
  })

  test('says nothing about peers that the rule does not trust', () => {
    const headers = { 'x-forwarded-for': '6.6.6.6, 7.7.7.7' }
    expect(decide(options, { peer: '192.0.2.1', headers })).toBe(
      '192.0.2.1 by socket: peer-untrusted',
    )
  })

  test('counts what is left to read where other rules have read of the same list', () => {
    const mixed = {
      hops: [
        { from: ['10.0.0.0/16'], asserts: 'x-forwarded-for' },
        { from: ['10.1.0.0/16'], asserts: 'x-forwarded-for', depth: 2 },
      ],
    }
    const headers = { 'x-forwarded-for': '6.6.6.6, 198.51.100.7, 172.16.0.1, 10.1.0.1' }
    expect(decide(mixed, { peer: '10.0.0.5', headers })).toBe(
      '198.51.100.7 by x-forwarded-for: count',
    )
  })
})

describe('required', () => {
  const rule = { from: ['10.0.0.0/8', 'unix'], asserts: 'x-forwarded-for', required: true }
  test.each<[string, Evidence, string]>([
    ['an absent header', { peer: '10.0.0.5' }, 'header-required'],
    [
      'an empty header',
      { peer: '10.0.0.5', headers: { 'x-forwarded-for': ' ,' } },
      'header-required',
    ],
    [
      'a list read to its end',
      { peer: '10.0.0.5', headers: { 'x-forwarded-for': '10.0.0.7' } },
      '10.0.0.7 by x-forwarded-for: chain-exhausted',
    ],
    ['somebody else', { peer: '192.0.2.1' }, '192.0.2.1 by socket: peer-untrusted'],
  ])('%s', (_, evidence, expected) => {
    expect(decide({ hops: [rule] }, evidence)).toBe(expected)
  })
})

describe('a Unix-socket peer', () => {
  const headers = { 'x-forwarded-for': '198.51.100.7' }
  test.each<[string[], Evidence, string]>([
    [['unix'], { peer: 'unix', headers }, '198.51.100.7 by x-forwarded-for: first-untrusted'],
    [['any'], { peer: 'unix', headers }, '198.51.100.7 by x-forwarded-for: chain-exhausted'],
    [['unix'], { peer: 'unix' }, 'unix-peer-asserts-nothing'],
    [['loopback'], { peer: 'unix', headers }, 'untrusted-unix-peer'],
    [['unix'], { peer: '127.0.0.1', headers }, '127.0.0.1 by socket: peer-untrusted'],
  ])('trusted as %j', (from, evidence, expected) => {
    expect(decide({ hops: [{ from, asserts: 'x-forwarded-for' }] }, evidence)).toBe(expected)
  })

  test('that sends LOCAL has no address either', () => {
    const policy = { hops: [{ from: ['unix'], asserts: 'proxy-protocol' }] }
    expect(decide(policy, { peer: 'unix', proxyHeaders: [LOCAL] })).toBe(
      'unix-peer-asserts-nothing',
    )
  })
})

describe('bounds of the walk', () => {
  const trusted = (n: number) => Array.from({ length: n }, (_, i) => `10.0.0.${i + 1}`).join(', ')
  const options = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for', maxHops: 3 }

  test('reads maxHops entries and not one more', () => {
    const list = (n: number) => ({ 'x-forwarded-for': `198.51.100.7, ${trusted(n)}` })
    expect(decide(options, { peer: '10.0.0.9', headers: list(2) })).toBe(
      '198.51.100.7 by x-forwarded-for: first-untrusted',
    )
    expect(decide(options, { peer: '10.0.0.9', headers: list(3) })).toBe('chain-too-long')
  })

  test('caps the walk and not the header', () => {
    const headers = { 'x-forwarded-for': `${trusted(200)}, 198.51.100.7, 10.0.0.1` }
    expect(decide(options, { peer: '10.0.0.9', headers })).toBe(
      '198.51.100.7 by x-forwarded-for: first-untrusted',
    )
  })

  test('does not count a list that ends with the last allowed entry as too long', () => {
    const headers = { 'x-forwarded-for': trusted(3) }
    expect(decide(options, { peer: '10.0.0.9', headers })).toBe(
      '10.0.0.1 by x-forwarded-for: chain-exhausted',
    )
  })
})

describe('an undetermined identity', () => {
  test('names the hop that could not be followed, for those who need one bucket for each', () => {
    const headers = { 'x-forwarded-for': 'unknown, 10.0.0.7' }
    const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    expect(resolve(policy, { peer: '::ffff:10.0.0.5', headers })).toMatchObject({
      status: 'undetermined',
      reason: 'unidentified-node',
      source: 'x-forwarded-for',
      rule: 'hop-1',
      lastTrustedHop: '10.0.0.7',
      peer: '10.0.0.5',
      hops: 2,
    })
  })
})

test('header values that are not strings are absent', () => {
  const policy = { trust: ['any'], header: 'x-real-ip' }
  const headers = { 'x-real-ip': 5 as unknown as string }
  expect(decide(policy, { peer: '192.0.2.1', headers })).toBe('192.0.2.1 by socket: header-missing')
})
