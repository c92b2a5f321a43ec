import { deepStrictEqual } from 'node:assert'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Address, addressText, parseAddress } from '../src/index.js'
import { slowAddress } from './arbitraries.js'
import { slowText } from './slow-address.js'

function read(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}

const hex = (bytes: string) => Uint8Array.from(Buffer.from(bytes, 'hex'))

describe('the words of an address', () => {
  test('are unsigned, IPv4 in the last', () => {
    const { family, w0, w1, w2, w3 } = read('255.254.253.252')
    expect({ family, w0, w1, w2, w3 }).toEqual({ family: 4, w0: 0, w1: 0, w2: 0, w3: 0xfffefdfc })
  })

  test('are unsigned, IPv6 in all four', () => {
    const { family, w0, w1, w2, w3 } = read('ffff:1:8000:2:fffe:3:9000:4')
    expect({ family, w0, w1, w2, w3 }).toEqual({
      family: 6,
      w0: 0xffff0001,
      w1: 0x80000002,
      w2: 0xfffe0003,
      w3: 0x90000004,
    })
  })

  test('may be given signed or unsigned', () => {
    expect(Address.ipv4(-1)).toEqual(Address.ipv4(0xffffffff))
    expect(Address.ipv6(-1, 0, 0, -2).text).toBe('ffff:ffff::ffff:fffe')
  })

  test('of an IPv4-mapped address give IPv4', () => {
    expect(Address.ipv6(0, 0, 0xffff, 0xc0000201)).toEqual(read('192.0.2.1'))
    expect(Address.ipv6(0, 0, 0xffff0000, 1).family).toBe(6)
    expect(Address.ipv6(0, 1, 0xffff, 1).family).toBe(6)
    expect(Address.ipv6(1, 0, 0xffff, 1).family).toBe(6)
  })
})

describe('two addresses', () => {
  test.each([
    ['192.0.2.1', '::ffff:192.0.2.1', true],
    ['2001:db8::1', '2001:DB8:0::1', true],
    ['fe80::1%eth0', 'fe80::1%eth1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['192.0.2.1', '::192.0.2.1', false],
    ['1::', '2::', false],
    ['0:0:1::', '0:0:2::', false],
    ['::1:0:0:0', '::2:0:0:0', false],
    ['::1', '::2', false],
  ])('%s and %s equal: %s', (a, b, expected) => {
    expect(read(a).equals(read(b))).toBe(expected)
    expect(read(b).equals(read(a))).toBe(expected)
  })

  test('that are equal stay deeply equal when one has been printed', () => {
    const printed = read('2001:db8::1')
    expect(printed.text).toBe('2001:db8::1')
    deepStrictEqual(printed, read('2001:db8::1'))
    expect(printed).toEqual(read('2001:db8::1'))
    expect(printed).not.toEqual(read('2001:db8::2'))
  })
})

describe('the unspecified address', () => {
  test.each([
    ['0.0.0.0', true],
    ['::', true],
    ['::ffff:0.0.0.0', true],
    ['0.0.0.1', false],
    ['128.0.0.0', false],
    ['::1', false],
    ['8000::', false],
    ['0:0:1::', false],
    ['::1:0:0:0', false],
  ])('%s: %s', (text, expected) => {
    expect(read(text).isUnspecified()).toBe(expected)
  })
})

describe('bytes', () => {
  test.each([
    ['192.0.2.1', 'c0000201'],
    ['255.255.255.255', 'ffffffff'],
    ['2001:db8::8000:1', '20010db8000000000000000080000001'],
    ['::', '00000000000000000000000000000000'],
  ])('of %s', (text, expected) => {
    expect(Buffer.from(read(text).bytes()).toString('hex')).toBe(expected)
  })

  test('give the address back', () => {
    fc.assert(
      fc.property(slowAddress, fc.nat(5), (slow, offset) => {
        const address = read(slowText(slow))
        const bytes = address.bytes()
        const length = address.family === 4 ? 4 : 16
        expect(bytes.length).toBe(length)
        const padded = new Uint8Array([...Array<number>(offset).fill(0xaa), ...bytes, 0xbb])
        expect(Address.fromBytes(padded, offset, length)).toEqual(address)
        expect(addressText(padded, offset, length)).toBe(slowText(slow))
      }),
    )
  })

  test('that are IPv4-mapped give IPv4, and as text what is there', () => {
    const mapped = hex('00000000000000000000ffffc0000201')
    expect(Address.fromBytes(mapped, 0, 16)).toEqual(read('192.0.2.1'))
    expect(addressText(mapped, 0, 16)).toBe('::ffff:192.0.2.1')
  })

  test.each([
    ['000000000000000000000000c0000201', '::c000:201'],
    ['0064ff9b0000000000000000c0000201', '64:ff9b::c000:201'],
    ['000000000000000000010000ffff0000', '::1:0:ffff:0'],
    ['0000000000000000ffff0000c0000201', '::ffff:0:c000:201'],
    ['8000000000000000 0000ffffc0000201'.replace(' ', ''), '8000::ffff:c000:201'],
    ['00000000000000000000fffec0000201', '::fffe:c000:201'],
  ])('%s are %s: only mapped ones keep their dots', (bytes, expected) => {
    expect(addressText(hex(bytes), 0, 16)).toBe(expected)
  })

  test('in a view with its own offset', () => {
    const bytes = hex('aaaac0000201bb').subarray(1)
    expect(Address.fromBytes(bytes, 1, 4).text).toBe('192.0.2.1')
    expect(addressText(bytes, 1, 4)).toBe('192.0.2.1')
  })

  test.each([
    [3, 0, 4],
    [4, 1, 4],
    [16, 1, 16],
    [16, -1, 16],
    [16, Number.NaN, 16],
  ] as const)('%d of them, from %d on, have no address of %d', (size, offset, length) => {
    expect(() => Address.fromBytes(new Uint8Array(size), offset, length)).toThrow(RangeError)
    expect(() => addressText(new Uint8Array(size), offset, length)).toThrow(RangeError)
  })
})

describe('printing', () => {
  test('text, string, JSON and inspection agree', () => {
    const address = read('2001:DB8::1')
    expect(`${address}`).toBe('2001:db8::1')
    expect(JSON.stringify({ address })).toBe('{"address":"2001:db8::1"}')
    expect(inspect(address)).toBe('Address(2001:db8::1)')
  })

  test('every value of a byte, in decimal and in hexadecimal', () => {
    for (let byte = 0; byte < 256; byte++) {
      const digits = byte.toString(16)
      expect(Address.ipv4((byte << 24) | (byte << 8)).text).toBe(`${byte}.0.${byte}.0`)
      const both = byte === 0 ? '1::' : `1:${digits}::${digits}`
      expect(Address.ipv6(0x10000 | byte, 0, 0, byte).text).toBe(both)
      const high = (byte << 8) | 7
      expect(Address.ipv6(0x10000 | high, 0, 0, 1).text).toBe(`1:${high.toString(16)}::1`)
    }
  })
})
