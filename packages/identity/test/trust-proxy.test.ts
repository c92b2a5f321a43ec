import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import proxyAddr from 'proxy-addr'
import { describe, expect, test } from 'vitest'
import type { TrustProxyValue } from '../src/policy/trust-proxy.js'
import { fromTrustProxy, PolicyError, resolve } from '../src/portable.js'

const CHAIN = '6.6.6.6, 198.51.100.7, 10.0.0.2'

function ours(value: TrustProxyValue, peer: string, list: string, from?: string[]): string {
  const policy = fromTrustProxy(value, from === undefined ? {} : { from })
  const identity = resolve(policy, { peer, headers: { 'x-forwarded-for': list } })
  return identity.status === 'resolved' ? identity.ip : identity.reason
}

function theirs(value: string | string[], peer: string, list: string): string {
  const socket = { remoteAddress: peer }
  const headers = { 'x-forwarded-for': list }
  return proxyAddr({ socket, connection: socket, headers } as unknown as IncomingMessage, value)
}

/** `code: message`. */
function refusal(value: unknown): string {
  try {
    fromTrustProxy(value as TrustProxyValue)
  } catch (error) {
    if (error instanceof PolicyError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('a trust proxy value becomes a policy', () => {
  test.each<[TrustProxyValue, string]>([
    [false, '10.0.0.1'],
    [undefined, '10.0.0.1'],
    [null, '10.0.0.1'],
    [0, '10.0.0.1'],
    ['', '10.0.0.1'],
    ['loopback', '10.0.0.1'],
    ['uniquelocal', '198.51.100.7'],
    ['loopback, 10.0.0.0/8', '198.51.100.7'],
    [['10.0.0.0/8', 'linklocal'], '198.51.100.7'],
    ['10.0.0.0/255.0.0.0', '198.51.100.7'],
    ['10.0.0.1/255.255.255.255', '10.0.0.2'],
  ])('%j', (value, expected) => {
    expect(ours(value, '10.0.0.1', CHAIN)).toBe(expected)
  })

  test('counts hops from the peers that it is given', () => {
    expect(ours(2, '10.0.0.1', CHAIN, ['10.0.0.0/8'])).toBe('198.51.100.7')
    expect(ours(2, '192.0.2.1', CHAIN, ['10.0.0.0/8'])).toBe('192.0.2.1')
  })

  test.each<[unknown, string]>([
    [true, '{"trust":["any"],"header":"x-forwarded-for"}'],
    [2, '"header":"x-forwarded-for","depth":2}'],
    [() => true, '{"trust":["<the addresses it accepts>"],"header":"x-forwarded-for"}'],
    [{}, '{"trust":["10.0.0.0/8"],"header":"x-forwarded-for"}'],
  ])('%s has none, and the error prints what to write', (value, policy) => {
    const text = refusal(value)
    expect(text.startsWith('no-equivalent: ')).toBe(true)
    expect(text).toContain(policy)
  })

  test.each([['1'], ['true'], ['10.0.0.0/255.0.255.0'], [['10.0.0.0/8', '*']]])(
    '%j is refused for the entry that is no address',
    (value) => {
      expect(refusal(value)).toMatch(/^bad-(cidr|prefix): /)
    },
  )
})

describe('a netmask becomes a prefix length', () => {
  const entries = (value: TrustProxyValue) => fromTrustProxy(value).current.hops[0]?.entries

  test('for each of the 33 masks that there are', () => {
    for (let length = 0; length <= 32; length++) {
      const bits = '1'.repeat(length).padEnd(32, '0')
      const mask = [0, 8, 16, 24].map((at) => Number.parseInt(bits.slice(at, at + 8), 2)).join('.')
      expect(entries(`0.0.0.0/${mask}`)).toEqual([`0.0.0.0/${length}`])
    }
  })

  test.each([
    '255.0.0',
    '255.0.0.0.0',
    '255.0.0.256',
    '255.0.0.0000',
    '255.0.0.x',
    '255.0.0.',
    '255.0.0.1',
    '0.0.0.255',
    '254.255.0.0',
    'x255.0.0.0',
    '255.0.0.0/8',
    '-1.0.0.0',
    '1e1.0.0.0',
    '127.0.0.0',
    '256.0.0.0',
    '511.0.0.0',
  ])('but %s is not one, and the error shows it as written', (mask) => {
    expect(refusal(`10.0.0.0/${mask}`)).toMatch(/^bad-prefix: /)
    expect(refusal(`10.0.0.0/${mask}`)).toContain(`10.0.0.0/${mask}"`)
  })

  test('beside plain prefixes, and with white space around either', () => {
    expect(entries(' 10.0.0.0/255.0.0.0 ,loopback , 192.0.2.0/24')).toEqual([
      '10.0.0.0/8',
      'loopback',
      '192.0.2.0/24',
    ])
  })
})

describe('the policy that an error prints', () => {
  test.each<[unknown, string]>([
    [2, 'a hop count of 2 trusts every peer; say whose connections are counted'],
    [2, '{"trust":["<addresses of your nearest proxy>"],"header":"x-forwarded-for","depth":2}'],
    [1, '"depth":1}'],
    [-1, '"depth":1}'],
    [1.5, '"depth":1}'],
    [Number.NaN, '"depth":1}'],
    [true, 'true lets every client name its own address; the equivalent policy is definePolicy('],
    [() => true, 'a function cannot be turned into a policy'],
    [{}, 'an object is not a value of trust proxy'],
    [Symbol.iterator, 'is not a value of trust proxy'],
  ])('for %s', (value, said) => {
    expect(refusal(value)).toMatch(/^no-equivalent: trust proxy: /)
    expect(refusal(value)).toContain(said)
    expect(refusal(value)).toContain(', and a safe one names your proxies [no-equivalent]')
  })

  test('has a depth for hop counts only', () => {
    expect(refusal(true)).not.toContain('depth')
  })

  test('names entries that are not strings as written', () => {
    expect(refusal([10])).toMatch(/^bad-cidr: trust\[0\].*"10"/)
  })

  test('refuses a count from nobody as a rule does', () => {
    const counted = (count: number) => fromTrustProxy(count, { from: ['10.0.0.0/8'] })
    expect(() => counted(1.5)).toThrow(/hops\[0\]\.depth: .*bad-count/)
    expect(counted(3).current.hops).toMatchObject([{ depth: 3, asserts: 'x-forwarded-for' }])
  })
})

describe('parity with proxy-addr', () => {
  const address = fc.constantFrom(
    '10.0.0.1',
    '10.0.0.2',
    '10.1.0.1',
    '192.0.2.1',
    '127.0.0.1',
    '2001:db8::1',
  )
  const trust = fc.subarray([
    '10.0.0.0/16',
    '10.0.0.2',
    'loopback',
    '2001:db8::/32',
    '192.0.2.0/24',
  ])

  test('on well-formed chains of which it looks at no more than 64 entries', () => {
    fc.assert(
      fc.property(address, fc.array(address, { maxLength: 6 }), trust, (peer, chain, entries) => {
        const list = chain.join(', ')
        fc.pre(entries.length > 0)
        expect(ours(entries, peer, list)).toBe(theirs(entries, peer, list))
      }),
    )
  })

  test.each<[string, string, string, string]>([
    ['an entry with a port', '198.51.100.7:80, 10.0.0.2', '198.51.100.7', '198.51.100.7:80'],
    ['an entry that names nobody', 'unknown, 10.0.0.2', 'unidentified-node', 'unknown'],
    ['an unspecified address', '0.0.0.0, 10.0.0.2', 'unspecified-address', '0.0.0.0'],
    ['an octal form of a trusted hop', '6.6.6.6, 012.0.0.2', 'unidentified-node', '6.6.6.6'],
    ['a mapped client', '::ffff:198.51.100.7', '198.51.100.7', '::ffff:198.51.100.7'],
  ])('does not hold for %s', (_, list, mine, other) => {
    expect(ours(['10.0.0.0/8'], '10.0.0.1', list)).toBe(mine)
    expect(theirs(['10.0.0.0/8'], '10.0.0.1', list)).toBe(other)
  })
})

test("a netmask on IPv6 is refused, as proxy-addr does, where it would be another prefix's length", () => {
  expect(() => fromTrustProxy('fe80::/255.255.255.0')).toThrow(
    expect.objectContaining({ code: 'bad-prefix', path: 'trust[0]' }),
  )
})
