import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Address, Prefix, PrefixError, parseAddress, parsePrefix } from '../src/index.js'
import { entry, nearAddress } from './arbitraries.js'
import { slowContains, slowEdges, slowParse, slowPrefix, slowText } from './slow-address.js'

function read(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}

function refused(text: string): PrefixError {
  try {
    parsePrefix(text)
  } catch (error) {
    if (error instanceof PrefixError) return error
    throw error
  }
  throw new Error(`${text} was read as a prefix`)
}

describe('prefixes are read', () => {
  test.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['192.0.2.1', '192.0.2.1/32'],
    ['192.0.2.1/32', '192.0.2.1/32'],
    ['128.0.0.0/1', '128.0.0.0/1'],
    ['255.255.255.254/31', '255.255.255.254/31'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['2001:db8:0:0:0:0:0:0/32', '2001:db8::/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['::/0', '::/0'],
    ['64:ff9b::192.0.2.0/120', '64:ff9b::c000:200/120'],
    ['::192.0.2.0/120', '::c000:200/120'],
  ])('%s as %s, without a warning', (text, expected) => {
    const prefix = parsePrefix(text)
    expect(`${prefix}`).toBe(expected)
    expect(JSON.stringify([prefix])).toBe(`["${expected}"]`)
    expect(prefix.entry).toBe(text)
    expect(prefix.warning).toBeUndefined()
    expect(prefix.family).toBe(expected.includes(':') ? 6 : 4)
  })

  test.each([
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::ffff:a00:0/104', '10.0.0.0/8'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['::ffff:192.0.2.1', '192.0.2.1/32'],
    ['::ffff:192.0.2.1/128', '192.0.2.1/32'],
    ['::fffe:0:0/95', '::fffe:0:0/95'],
    ['::/64', '::/64'],
  ])('an IPv4-mapped one as the IPv4 one: %s is %s', (text, expected) => {
    expect(parsePrefix(text).text).toBe(expected)
  })

  test.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['192.0.2.1/31', '192.0.2.0/31'],
    ['255.255.255.255/0', '0.0.0.0/0'],
    ['2001:db8::1/32', '2001:db8::/32'],
    ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
    ['1:2:3:4:5:6:7:8/64', '1:2:3:4::/64'],
    ['1:2:3:4:5:6:7:8/95', '1:2:3:4:5:6::/95'],
    ['1:2:3:4:5:6:7:8/97', '1:2:3:4:5:6::/97'],
    ['1:2:3:4:5:6:7:9/127', '1:2:3:4:5:6:7:8/127'],
    ['::ffff:a00:2/122', '10.0.0.0/26'],
  ])('%s with a warning, as %s', (text, expected) => {
    const prefix = parsePrefix(text)
    expect(prefix.text).toBe(expected)
    expect(prefix.entry).toBe(text)
    expect(prefix.warning).toBe(`"${text}" has bits set beyond its length: read as ${expected}`)
  })
})

describe('no prefix: the address part', () => {
  test.each([
    ['', 'write an address such as "192.0.2.1" or a prefix such as "192.0.2.0/24"'],
    ['   ', 'write an address such as'],
    ['/8', 'write an address such as'],
    [' 10.0.0.0/8', 'write it without white space'],
    ['10.0.0.0 /8', 'write it without white space'],
    ['10.0.0.0\n', 'write it without white space'],
    ['*', 'for every address write "0.0.0.0/0" and "::/0"'],
    ['10.0.*', 'for a range write its prefix'],
    ['10.0.*.*/16', 'for a range write its prefix'],
    ['1', 'a number is not an address'],
    ['-1', 'a number is not an address'],
    ['2130706433', 'a number is not an address'],
    ['10/8', 'write four decimal numbers from 0 to 255 without leading zeros'],
    ['10.0.0/8', 'write four decimal numbers'],
    ['10.0.0.256/32', 'write four decimal numbers'],
    ['010.0.0.0/8', 'write four decimal numbers'],
    ['0x0a000000/8', 'write four decimal numbers'],
    ['0x7f.1', 'write four decimal numbers'],
    ['fe80::1%eth0', 'a prefix has no zone, write "fe80::1"'],
    ['fe80::%eth0/64', 'a prefix has no zone, write it without the zone'],
    ['host%eth0', 'a prefix has no zone, write it without the zone'],
    ['[2001:db8::1]', 'write it without brackets or port'],
    ['[2001:db8::1]:443', 'write it without brackets or port'],
    ['192.0.2.1:443', 'write it without the port'],
    ['192.0.2.1,192.0.2.2', 'write each prefix as a separate entry'],
    ['192.0.2.1-192.0.2.9', 'write a range of addresses as its prefixes'],
    ['localhost', 'names are not looked up'],
    ['proxy.example/24', 'names are not looked up'],
    ['private', 'names are not looked up'],
    ['2001:db8/32', 'write an address such as'],
    ['12345::/16', 'write an address such as'],
  ])('%j: %s', (text, advice) => {
    const error = refused(text)
    expect(error.code).toBe('bad-cidr')
    expect(error.entry).toBe(text)
    expect(error.name).toBe('PrefixError')
    expect(error.message).toBe(`${JSON.stringify(text)} is not an IP prefix: ${error.reason}`)
    expect(error.reason).toContain(advice)
  })

  test.each([1, Number.NaN, true, null, undefined, {}, ['10.0.0.0/8']])(
    'something else than text: %j',
    (value) => {
      const parse: (value: unknown) => unknown = (given) =>
        Reflect.apply(parsePrefix, undefined, [given])
      expect(() => parse(value)).toThrow(PrefixError)
    },
  )
})

describe('no prefix: the length', () => {
  test.each([
    ['10.0.0.0/', 'the length of an IPv4 prefix must be an integer from 0 to 32'],
    ['10.0.0.0/33', 'from 0 to 32'],
    ['10.0.0.0/-1', 'from 0 to 32'],
    ['10.0.0.0/+8', 'from 0 to 32'],
    ['10.0.0.0/8.0', 'from 0 to 32'],
    ['10.0.0.0/0x8', 'from 0 to 32'],
    ['10.0.0.0/8e0', 'from 0 to 32'],
    ['10.0.0.0/1000', 'from 0 to 32'],
    ['10.0.0.0/4294967304', 'from 0 to 32'],
    ['10.0.0.0/8/8', 'from 0 to 32'],
    ['10.0.0.0/８', 'from 0 to 32'],
    ['10.0.0.0/8%eth0', 'from 0 to 32'],
    ['10.0.0.0/08', 'write "10.0.0.0/8"'],
    ['10.0.0.0/00', 'write "10.0.0.0/0"'],
    ['2001:db8::/032', 'write "2001:db8::/32"'],
    ['10.0.0.0/8 ', 'write it without white space'],
    ['10.0.0.0/ 8', 'write it without white space'],
    ['10.0.0.0/8,192.168.0.0/16', 'write each prefix as a separate entry'],
    ['10.0.0.0/255.0.0.0', 'write the netmask as its length, "10.0.0.0/8"'],
    ['10.0.0.0/255.255.255.255', 'write the netmask as its length, "10.0.0.0/32"'],
    ['10.0.0.0/0.0.0.0', 'write the netmask as its length, "10.0.0.0/0"'],
    ['10.0.0.0/255.255.254.0', 'write the netmask as its length, "10.0.0.0/23"'],
    ['10.0.0.0/0.255.255.255', 'write the number of network bits'],
    ['10.0.0.0/255.0.255.0', 'write the number of network bits'],
    ['2001:db8::/129', 'the length of an IPv6 prefix must be an integer from 0 to 128'],
    ['::1/-1', 'from 0 to 128'],
    ['::1/255.255.255.0', 'from 0 to 128'],
    ['2001:db8::/ffff::', 'from 0 to 128'],
    ['2001:db8::/32::', 'from 0 to 128'],
    ['::ffff:a00:2/-1', 'from 0 to 128'],
    ['::ffff:10.0.0.0/129', 'from 0 to 128'],
    ['::ffff:10.0.0.0/8', 'has 96 bits or more, write the IPv4 one, "10.0.0.0/8"'],
    ['::ffff:a00:0/0', 'has 96 bits or more, write the IPv4 one, "10.0.0.0/0"'],
    ['::ffff:10.0.0.0/08', 'has 96 bits or more, write the IPv4 one, "10.0.0.0/8"'],
    ['::ffff:10.0.0.0/00', 'has 96 bits or more, write the IPv4 one, "10.0.0.0/0"'],
    ['::ffff:10.0.0.0/0104', 'write "::ffff:10.0.0.0/104"'],
    ['::ffff:10.0.0.0/95', 'has 96 bits or more, write the IPv4 one, such as "10.0.0.0/24"'],
    ['::ffff:10.0.0.0/33', 'has 96 bits or more, write the IPv4 one, such as "10.0.0.0/24"'],
  ])('%j: %s', (text, advice) => {
    const error = refused(text)
    expect(error.code).toBe('bad-prefix')
    expect(error.entry).toBe(text)
    expect(error.message).toBe(`${JSON.stringify(text)} is not an IP prefix: ${error.reason}`)
    expect(error.reason).toContain(advice)
  })
})

describe('errors', () => {
  test('quote a long entry in part and escape what a terminal would act on', () => {
    const error = refused(`\u001b[2J${'x'.repeat(1000)}`)
    expect(error.message.length).toBeLessThan(300)
    expect(error.message).toMatch(/^"\\u001b\[2Jx+…" is not an IP prefix: /)
    expect(error.entry).toHaveLength(1004)
  })

  test('are PrefixError for anything but a prefix, and what they say to write is one', () => {
    const padded = fc.tuple(fc.constantFrom('0', '00'), fc.nat(130)).map((parts) => parts.join(''))
    const tail = fc.oneof(fc.nat(200).map(String), padded, nearAddress, fc.constant('-1'))
    const text = fc.tuple(fc.oneof(nearAddress, entry), fc.option(tail, { nil: undefined }))
    fc.assert(
      fc.property(text, ([head, end]) => {
        const candidate = end === undefined ? head : `${head}/${end}`
        try {
          parsePrefix(candidate)
        } catch (error) {
          if (!(error instanceof PrefixError)) throw error
          for (const [quoted] of error.reason.matchAll(/"[^"]+"/g)) {
            expect(() => parsePrefix(JSON.parse(quoted))).not.toThrow()
          }
        }
      }),
      { numRuns: 5000 },
    )
  })
})

describe('a prefix around an address', () => {
  test.each([
    ['192.0.2.77', 24, '192.0.2.0/24'],
    ['192.0.2.77', 0, '0.0.0.0/0'],
    ['192.0.2.77', 32, '192.0.2.77/32'],
    ['2001:db8:1:2:3::4', 64, '2001:db8:1:2::/64'],
    ['2001:db8:1:2:3::4', 56, '2001:db8:1::/56'],
    ['2001:db8::1', 128, '2001:db8::1/128'],
    ['2001:db8::1', 0, '::/0'],
  ])('%s with %d bits is %s, its own entry', (text, length, expected) => {
    const prefix = Prefix.of(read(text), length)
    expect(prefix.text).toBe(expected)
    expect(prefix.entry).toBe(expected)
    expect(prefix.warning).toBeUndefined()
  })

  test('carries the name it came from', () => {
    expect(Prefix.of(read('127.0.0.0'), 8, 'loopback').entry).toBe('loopback')
  })

  test.each([
    ['192.0.2.1', 33],
    ['192.0.2.1', -1],
    ['192.0.2.1', 1.5],
    ['192.0.2.1', Number.NaN],
    ['::1', 129],
  ])('%s has none of %d bits', (text, length) => {
    expect(() => Prefix.of(read(text), length)).toThrow(RangeError)
  })
})

describe('what a prefix contains', () => {
  test.each([
    ['::/0', '192.0.2.1', false],
    ['0.0.0.0/0', '::192.0.2.1', false],
    ['::/0', 'ffff::', true],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['::ffff:0:0/96', '192.0.2.1', true],
    ['::/64', '::ffff:192.0.2.1', false],
    ['::fffe:0:0/95', '::ffff:192.0.2.1', false],
    ['64:ff9b::/96', '192.0.2.1', false],
    ['192.0.2.0/24', '64:ff9b::192.0.2.1', false],
    ['10.0.0.0/8', '2002:a00:5::1', false],
    ['10.0.0.0/8', '::10.0.0.5', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['fe80::/10', 'febf:ffff::1', true],
    ['fe80::/10', 'fec0::', false],
  ])('%s contains %s: %s', (prefix, address, expected) => {
    expect(parsePrefix(prefix).contains(read(address))).toBe(expected)
  })

  test('begins and ends where the reference says', () => {
    fc.assert(
      fc.property(entry, entry, (text, other) => {
        const slow = slowPrefix(text)
        const prefix = parsePrefix(text)
        for (const edge of [...slowEdges(slow), ...slowEdges(slowPrefix(other))]) {
          // The reference's values around ::ffff:0:0/96 may be mapped: read as text they fold.
          const address = slowParse(slowText(edge))
          if (address === undefined) throw new Error('unreadable')
          expect(prefix.contains(read(slowText(edge)))).toBe(slowContains(slow, address))
        }
      }),
      { numRuns: 2000 },
    )
  })
})
