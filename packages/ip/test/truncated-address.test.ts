import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Address, parseAddress } from '../src/index.js'
import { truncatedAddress, withoutPorts } from '../src/internal.js'

function cut(text: string, keep = { ipv4: 24, ipv6: 48 }): string {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`no address: ${text}`)
  return truncatedAddress(address, keep).text
}

describe('a truncated address', () => {
  test.each([
    ['203.0.113.9', '203.0.113.0/24'],
    ['2001:db8:1234:5678::9', '2001:db8:1234::/48'],
    // RFC 3056: the 32 bits behind 2002::/16.
    ['2002:cb00:7109:1::2', '2002:cb00:7100::/40'],
    // The last 32 bits; the usual 48 end before them. RFC 6052, RFC 4380, RFC 4291.
    ['64:ff9b::203.0.113.9', '64:ff9b::/48'],
    ['2001:0:cb00:7109::1', '2001:0:cb00::/48'],
    ['::203.0.113.9', '::/48'],
    ['::ffff:203.0.113.9', '203.0.113.0/24'],
  ])('%s is %s', (text, network) => {
    expect(cut(text)).toBe(network)
  })

  test.each([
    ['64:ff9b::203.0.113.9', '64:ff9b::cb00:7100/120'],
    ['2001:0:1:2:3:4:cb00:7109', '2001:0:1:2:3:4:cb00:7100/120'],
    ['::203.0.113.9', '::cb00:7100/120'],
    ['2002:cb00:7109:1::2', '2002:cb00:7100::/40'],
    ['2001:db8::ffff', '2001:db8::fffe/127'],
  ])('%s is %s where all but one bit of IPv6 is kept', (text, network) => {
    expect(cut(text, { ipv4: 24, ipv6: 127 })).toBe(network)
  })

  test('has as many IPv4 addresses beside it as one that stands alone', () => {
    const bytes = fc.uint8Array({ minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(bytes, fc.nat(255), (ipv4, last) => {
        const inside = Uint8Array.from([0x20, 0x02, ...ipv4, ...new Array(10).fill(0)])
        const beside = Uint8Array.from(inside)
        beside[5] = last
        const [one, other] = [inside, beside].map(
          (each) => truncatedAddress(Address.fromBytes(each, 0, 16)).text,
        )
        expect(one).toBe(other)
      }),
    )
  })
})

test.each([
  ['203.0.113.9:443', '203.0.113.9'],
  ['[2001:db8::1]:443 and [a]:443', '[2001:db8::1] and [a]:443'],
  ['203.0.113.9:123456', '203.0.113.9:123456'],
])('%s without ports is %s', (text, shown) => {
  expect(withoutPorts(text)).toBe(shown)
})
