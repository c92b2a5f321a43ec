import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ipv4Before } from '../src/address/parse-address.js'
import { Address, addressText, parseAddress } from '../src/index.js'
import { slowAddress } from './arbitraries.js'
import { slowText } from './slow-address.js'

/** An address that stands between other text, read by where it starts and ends. */
const within = (before: string, text: string, after: string) =>
  parseAddress(before + text + after, before.length, before.length + text.length)?.text

// Digits of either base, and everything that could go on with an address.
const NEIGHBOURS = [
  '',
  '0',
  '1',
  '9',
  'a',
  'f',
  'F',
  '.',
  '..',
  ':',
  '::',
  '%',
  '%25',
  '/',
  ']',
  ' ',
]

describe('an address within a text is read to its end and no further', () => {
  test.each([
    '192.0.2.1',
    '0.0.0.0',
    '255.255.255.255',
    '::',
    '::1',
    '1::',
    '2001:db8::1',
    '2001:db8::12',
    '2001:db8::123',
    '1:2:3:4:5:6:7:8',
    '::ffff:192.0.2.1',
    '64:ff9b::192.0.2.1',
    'fe80::1%eth0',
    'fe80::1%eth9',
    'fe80::1%a%41',
  ])('%s', (text) => {
    const alone = parseAddress(text)?.text
    expect(alone).toBeDefined()
    for (const before of NEIGHBOURS) {
      for (const after of NEIGHBOURS) {
        expect([before, after, within(before, text, after)]).toEqual([before, after, alone])
      }
    }
  })

  test.each([
    '',
    ':',
    ':%eth0',
    '1.2.3',
    '1.2.3.',
    '.1.2.3.4',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '::1:',
    'fe80::1%',
    'fe80::1%x%',
    'fe80::1%x%4',
    'fe80::1%x%g1',
    '::ffff:192.0.2',
    '0192.0.2.1',
    '1192.0.2.1',
  ])('but %j is not one, whatever is next to it', (text) => {
    expect(parseAddress(text)).toBeUndefined()
    for (const before of NEIGHBOURS) {
      for (const after of NEIGHBOURS) {
        expect([before, after, within(before, text, after)]).toEqual([before, after, undefined])
      }
    }
  })

  test('of any text that is one', () => {
    const neighbour = fc.constantFrom(...NEIGHBOURS)
    fc.assert(
      fc.property(slowAddress, neighbour, neighbour, (address, before, after) => {
        const text = slowText(address)
        expect(within(before, text, after)).toBe(parseAddress(text)?.text)
      }),
    )
  })

  test.each([
    [-1, 3],
    [0, 4],
    [Number.NaN, 3],
  ])('from %d to %d of three characters is none', (start, end) => {
    expect(parseAddress('::1', start, end)).toBeUndefined()
  })
})

describe('dotted decimal before a position', () => {
  const before = (text: string, start = 0) => {
    const found = { word: 7 }
    const at = ipv4Before(text, start, text.length, found)
    return at < 0 ? [at, found.word] : [at, Address.ipv4(found.word).text]
  }

  test.each<[string, (string | number)[]]>([
    ['192.0.2.1', [0, '192.0.2.1']],
    ['10.0.0.7, 192.0.2.1', [10, '192.0.2.1']],
    ['x192.0.2.1', [1, '192.0.2.1']],
    ['9.192.0.2.1', [2, '192.0.2.1']],
    ['0192.0.2.1', [-1, 7]],
    ['9192.0.2.1', [-1, 7]],
    ['192.0.2.256', [-1, 7]],
    ['192.0.2.01', [-1, 7]],
    ['192.0..1', [-1, 7]],
    ['0.2.1', [-1, 7]],
    ['', [-1, 7]],
  ])('%j: %j', (text, due) => {
    expect(before(text)).toEqual(due)
  })

  test('starts no further left than it may', () => {
    expect(before('10.192.0.2.1', 3)).toEqual([3, '192.0.2.1'])
    expect(before('192.0.2.1', 1)).toEqual([1, '92.0.2.1'])
    expect(before('192.0.2.1', 4)).toEqual([-1, 7])
  })
})

describe('an address of bytes', () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, at) => at + 1)

  test.each([
    [0, 4, '1.2.3.4'],
    [16, 4, '17.18.19.20'],
    [0, 16, '102:304:506:708:90a:b0c:d0e:f10'],
    [4, 16, '506:708:90a:b0c:d0e:f10:1112:1314'],
  ] as const)('from %i, %i of them', (offset, length, text) => {
    expect(Address.fromBytes(bytes, offset, length).text).toBe(text)
    expect(addressText(bytes, offset, length)).toBe(text)
  })

  test.each([
    [17, 4],
    [5, 16],
    [-1, 4],
    [Number.NaN, 4],
  ] as const)('is none from %d, %i of 20', (offset, length) => {
    const due = new RangeError(`must have ${length} bytes from offset ${offset}, got 20 in all`)
    expect(() => Address.fromBytes(bytes, offset, length)).toThrow(due)
    expect(() => addressText(bytes, offset, length)).toThrow(due)
  })

  test('gives its own bytes, and no more than it has', () => {
    const address = Address.fromBytes(bytes, 0, 4)
    const copy = address.bytes()
    expect([...copy]).toEqual([1, 2, 3, 4])
    expect(copy.buffer.byteLength).toBe(4)
    copy[0] = 9
    expect([...address.bytes()]).toEqual([1, 2, 3, 4])
  })
})
