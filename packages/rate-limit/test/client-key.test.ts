import type { IncomingMessage } from 'node:http'
import { bindRequest, definePolicy } from '@truehop/identity'
import { rateLimitKey } from '@truehop/rate-limit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientKey } from '../src/limits/client-key.js'
import { client, nobody, noPeer } from './identities.js'

const DEFAULTS = { ipv4Prefix: 32, ipv6Prefix: 64 }

describe('the key of a client', () => {
  test.each([
    ['198.51.100.7', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8:0:0:ffff:ffff:ffff:ffff', '2001:db8::/64'],
    ['::1', '::/64'],
    ['fe80::1', 'fe80::/64'],
  ])('of %s is %s', (ip, key) => {
    expect(clientKey(client(ip), DEFAULTS)).toBe(key)
  })

  test.each([
    ['198.51.100.7', { ipv4Prefix: 24, ipv6Prefix: 64 }, '198.51.100.0/24'],
    ['203.0.113.255', { ipv4Prefix: 31, ipv6Prefix: 64 }, '203.0.113.254/31'],
    ['198.51.100.7', { ipv4Prefix: 0, ipv6Prefix: 64 }, '0.0.0.0/0'],
    ['2001:db8:abcd:ffff::1', { ipv4Prefix: 32, ipv6Prefix: 48 }, '2001:db8:abcd::/48'],
    ['2001:db8:abcd:ffff::1', { ipv4Prefix: 32, ipv6Prefix: 52 }, '2001:db8:abcd:f000::/52'],
    ['2001:db8:abcd:ffff::1', { ipv4Prefix: 32, ipv6Prefix: 32 }, '2001:db8::/32'],
    ['2001:db8::1:2:3:ffff', { ipv4Prefix: 32, ipv6Prefix: 120 }, '2001:db8::1:2:3:ff00/120'],
    ['2001:db8::1', { ipv4Prefix: 32, ipv6Prefix: 128 }, '2001:db8::1'],
    ['2001:db8::1', { ipv4Prefix: 32, ipv6Prefix: 0 }, '::/0'],
  ])('of %s at %o is %s', (ip, widths, key) => {
    expect(clientKey(client(ip), widths)).toBe(key)
  })

  test('is one bucket for each last trusted hop where nobody can be named', () => {
    expect(clientKey(nobody('10.0.0.5'), DEFAULTS)).toBe('undetermined:10.0.0.5')
    expect(clientKey(nobody('2001:db8::5'), DEFAULTS)).toBe('undetermined:2001:db8::5')
    expect(clientKey(noPeer('unix'), DEFAULTS)).toBe('undetermined:unix')
    expect(clientKey(noPeer(undefined), DEFAULTS)).toBe('undetermined:unknown')
  })

  test('is the same for two addresses exactly where their leading bits are', () => {
    const word = fc.integer({ min: 0, max: 0xffff })
    const address = fc.tuple(word, word, word, word, word, word, word, word)
    const bits = (words: readonly number[]) =>
      words.map((part) => part.toString(2).padStart(16, '0')).join('')
    fc.assert(
      fc.property(address, fc.nat(127), fc.integer({ min: 1, max: 128 }), (words, flip, length) => {
        const other = [...words]
        other[flip >> 4] = (other[flip >> 4] ?? 0) ^ (1 << (15 - (flip & 15)))
        fc.pre(![words, other].some((w) => mapped(w) || isNobody(w)))
        const [a, b] = [words, other].map((w) => client(w.map((x) => x.toString(16)).join(':')))
        const same = bits(words).slice(0, length) === bits(other).slice(0, length)
        const widths = { ipv4Prefix: 32, ipv6Prefix: length }
        expect(a && b && clientKey(a, widths) === clientKey(b, widths)).toBe(same)
      }),
    )
  })
})

describe('rateLimitKey', () => {
  test('reads the identity of the request and nothing else', () => {
    const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    const request = {
      headers: { 'x-forwarded-for': '2001:db8:1:2:3::4', 'x-real-ip': '192.0.2.99' },
      socket: { remoteAddress: '10.0.0.1', localAddress: '10.0.0.2' },
    } as unknown as IncomingMessage
    bindRequest(request, policy)
    expect(rateLimitKey(request)).toBe('2001:db8:1:2::/64')
  })
})

function mapped(words: readonly number[]): boolean {
  return words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff
}

/** Multicast (ff00::/8) and `::`, which are no client's. */
function isNobody([first = 0, ...others]: readonly number[]): boolean {
  return first >= 0xff00 || (first === 0 && others.every((word) => word === 0))
}
