import { isIP } from 'node:net'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, test } from 'vitest'
import { ipv4Before } from '../src/address/parse-address.js'
import { ipv6Bytes, parseAddress } from '../src/index.js'
import { ipv6Spelling, nearAddress, slowAddress } from './arbitraries.js'
import { slowParse, slowText } from './slow-address.js'

const textOf = (text: string) => parseAddress(text)?.text

describe('addresses are read', () => {
  test.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['192.0.2.1', '192.0.2.1'],
    ['10.20.30.40', '10.20.30.40'],
    ['100.99.9.0', '100.99.9.0'],
    ['128.0.0.1', '128.0.0.1'],
  ])('IPv4 %s', (text, expected) => {
    expect(textOf(text)).toBe(expected)
    expect(parseAddress(text)?.family).toBe(4)
  })

  // RFC 4291 section 2.2: the preferred form, :: and the mixed form.
  test.each([
    ['ABCD:EF01:2345:6789:ABCD:EF01:2345:6789', 'abcd:ef01:2345:6789:abcd:ef01:2345:6789'],
    ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['2001:DB8::8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['FF01:0:0:0:0:0:0:101', 'ff01::101'],
    ['FF01::101', 'ff01::101'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::', '::'],
    ['0:0:0:0:0:0:13.1.68.3', '::d01:4403'],
    ['::13.1.68.3', '::d01:4403'],
  ])('RFC 4291 %s', (text, expected) => {
    expect(textOf(text)).toBe(expected)
    expect(parseAddress(text)?.family).toBe(6)
  })

  // RFC 5952 sections 1, 2 and 4: many spellings, one text.
  test.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8::1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8::0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0db8::1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:0:1::1', '2001:db8::1:0:0:1'],
    ['2001:db8:0000:0:1::1', '2001:db8::1:0:0:1'],
    ['2001:DB8:0:0:1::1', '2001:db8::1:0:0:1'],
    ['2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:1'],
    ['2001:db8:0:0:0::1', '2001:db8::1'],
    ['2001:db8::', '2001:db8::'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:0', '2001:db8:0:0:1::'],
    ['0:0:1:0:0:1:0:0', '::1:0:0:1:0:0'],
    ['1:0:1:0:1:0:1:0', '1:0:1:0:1:0:1:0'],
    ['0:1:0:1:0:1:0:1', '0:1:0:1:0:1:0:1'],
  ])('RFC 5952 %s is printed as %s', (text, expected) => {
    expect(textOf(text)).toBe(expected)
  })

  test.each([
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['1::3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
    ['1:2:3:4:5::192.0.2.1', '1:2:3:4:5:0:c000:201'],
    ['::2:3:4:5:6:192.0.2.1', '0:2:3:4:5:6:c000:201'],
  ])(':: may stand for one group: %s', (text, expected) => {
    expect(textOf(text)).toBe(expected)
  })

  test.each([
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4:5:6:c000:201'],
    ['1::192.0.2.1', '1::c000:201'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('a dotted tail is two groups: %s', (text, expected) => {
    expect(textOf(text)).toBe(expected)
  })

  test.each([
    '::ffff:192.0.2.1',
    '::FFFF:192.0.2.1',
    '::ffff:c000:201',
    '::ffff:c000:0201',
    '0:0:0:0:0:ffff:192.0.2.1',
    '0000:0000:0000:0000:0000:ffff:c000:0201',
    '0::ffff:192.0.2.1',
    '::ffff:192.0.2.1%eth0',
  ])('IPv4-mapped %s is 192.0.2.1', (text) => {
    expect(parseAddress(text)).toEqual(parseAddress('192.0.2.1'))
  })

  test.each([
    ['::192.0.2.1', 'IPv4-compatible'],
    ['::ffff:0:192.0.2.1', 'IPv4-translated'],
    ['64:ff9b::192.0.2.1', 'NAT64'],
    ['2002:c000:201::', '6to4'],
    ['2001:0:c000:201::', 'Teredo'],
    ['::fffe:192.0.2.1', 'not mapped by a bit'],
    ['::1:ffff:192.0.2.1', 'not mapped by a group'],
    ['8000::ffff:192.0.2.1', 'not mapped by the first bit'],
  ])('%s stays IPv6 (%s)', (text) => {
    expect(parseAddress(text)?.family).toBe(6)
  })

  test.each([
    'fe80::1%eth0',
    'fe80::1%1',
    'fe80::1%25eth0',
    'fe80::1%br-lan.100',
    'fe80::1%a_b~c',
    'fe80::1%%20x',
    'fe80::1%%0a%A0',
    `fe80::1%${'z'.repeat(64)}`,
  ])('the zone of %s is dropped', (text) => {
    expect(textOf(text)).toBe('fe80::1')
  })

  test.each([
    ['for=192.0.2.1;', 4, 13, '192.0.2.1'],
    ['[2001:db8::1]:80', 1, 12, '2001:db8::1'],
    ['1192.0.2.11', 1, 10, '192.0.2.1'],
    ['a::1b', 1, 4, '::1'],
    ['::1::', 0, 3, '::1'],
    ['x::', 1, 3, '::'],
    ['fe80::1%eth0]', 0, 12, 'fe80::1'],
    ['::192.0.2.1%eth0]', 0, 16, '::c000:201'],
  ])('from a piece of %j', (text, start, end, expected) => {
    expect(parseAddress(text, start, end)?.text).toBe(expected)
  })
})

describe('no address', () => {
  test.each([
    ['', 'nothing'],
    ['.', 'a dot'],
    [':', 'a colon'],
    ['192.0.2', 'three numbers'],
    ['192.0.2.', 'an empty number'],
    ['.192.0.2.1', 'an empty number'],
    ['192..0.2.1', 'an empty number'],
    ['192.0.2.1.', 'a dot too many'],
    ['192.0.2.1.5', 'five numbers'],
    ['192.0.2.256', 'a number above 255'],
    ['192.0.2.300', 'a number above 255'],
    ['192.0.2.1000', 'a number of four digits'],
    ['192.0.2.0001', 'a number of four digits'],
    ['192.0.02.1', 'a leading zero'],
    ['192.0.2.00', 'a leading zero'],
    ['0177.0.0.1', 'octal'],
    ['0x7f.0.0.1', 'hexadecimal'],
    ['0x7f000001', 'hexadecimal'],
    ['017700000001', 'octal'],
    ['2130706433', 'decimal'],
    ['127.1', 'short'],
    ['127.0.1', 'short'],
    ['1', 'short'],
    ['+1.2.3.4', 'a sign'],
    ['1.2.3.-4', 'a sign'],
    ['1e1.2.3.4', 'an exponent'],
    [' 192.0.2.1', 'white space'],
    ['192.0.2.1 ', 'white space'],
    ['192.0.2.1\t', 'white space'],
    ['192.0.2.1\n', 'a line break'],
    ['192.0.2.1\0', 'a NUL'],
    ['192.0.2.1:80', 'a port'],
    ['[192.0.2.1]', 'brackets'],
    ['192.0.2.1%eth0', 'a zone on IPv4'],
    ['192.0.2.1/32', 'a prefix length'],
    ['１９２.0.2.1', 'full-width digits'],
    ['١.2.3.4', 'Arabic digits'],
    ['192。0。2。1', 'ideographic full stops'],
    ['unknown', 'a word'],
    ['_hidden', 'an obfuscated identifier'],
    ['localhost', 'a name'],
  ])('%j: %s', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  test.each([
    [':::', 'three colons'],
    ['::::', 'four colons'],
    ['1:::2', 'three colons'],
    ['1::2::3', 'two ::'],
    ['::1::', 'two ::'],
    ['1:2:3:4:5:6:7', 'seven groups'],
    ['1:2:3:4:5:6:7:', 'a colon at the end'],
    [':1:2:3:4:5:6:7', 'a colon at the start'],
    ['1:2:3:4:5:6:7:8:', 'a colon at the end'],
    [':1:2:3:4:5:6:7:8', 'a colon at the start'],
    ['1:2:3:4:5:6:7:8:9', 'nine groups'],
    ['1:2:3:4:5:6:7::8', 'eight groups and ::'],
    ['::1:2:3:4:5:6:7:8', 'eight groups and ::'],
    ['1:2:3:4:5:6:7:8::', 'eight groups and ::'],
    ['1:2:3:4::5:6:7:8', 'eight groups and ::'],
    ['1:2:3:4:5:6::192.0.2.1', 'eight groups and ::'],
    ['::1:2:3:4:5:6:192.0.2.1', 'eight groups and ::'],
    ['1::2:', 'a colon at the end'],
    [':1::2', 'a colon at the start'],
    [':1', 'a colon at the start'],
    ['1:', 'a colon at the end'],
    ['::1:', 'a colon at the end'],
    ['12345::', 'a group of five digits'],
    ['::12345', 'a group of five digits'],
    ['::00001', 'a group of five digits'],
    ['1:2:3:4:5:6:7:00008', 'a group of five digits'],
    ['::g', 'no digit'],
    ['::0x1', 'no digit'],
    ['::-1', 'a sign'],
    ['1:2:3:4:5:6:7:192.0.2.1', 'nine groups by the tail'],
    ['1:2:3:4:5:192.0.2.1', 'seven groups by the tail'],
    ['::192.0.2.1:1', 'a dotted part that is not the last'],
    ['192.0.2.1::', 'a dotted part that is not the last'],
    ['::192.0.2', 'a short tail'],
    ['::192.0.2.', 'a short tail'],
    ['::.192.0.2.1', 'a dot first'],
    ['::192.0.2.01', 'a tail with a leading zero'],
    ['::192.0.2.256', 'a tail above 255'],
    ['::0192.0.2.1', 'a tail with a leading zero'],
    ['::a.0.2.1', 'a hexadecimal tail'],
    ['::ffff:0x7f.1', 'a hexadecimal tail'],
    ['::192.0.2.1.5', 'a long tail'],
    ['[::1]', 'brackets'],
    ['[::1', 'a bracket'],
    ['::1]', 'a bracket'],
    ['[::1]:80', 'brackets and a port'],
    ['::1/128', 'a prefix length'],
    [' ::1', 'white space'],
    ['::1 ', 'white space'],
    [':: 1', 'white space'],
    ['::1\0', 'a NUL'],
    ['::１', 'a full-width digit'],
    ['::\u0131', 'a letter beyond Latin-1'],
    ['fe80::1%', 'an empty zone'],
    ['%eth0', 'a zone alone'],
    ['fe80::%1%2', 'a zone in the zone'],
    ['fe80::1%eth 0', 'white space in the zone'],
    ['fe80::1%eth0]', 'a bracket in the zone'],
    ['fe80::1%a/b', 'a slash in the zone'],
    ['fe80::1%é', 'a letter beyond ASCII in the zone'],
    ['fe80::1%%2', 'half a percent-encoding'],
    ['fe80::1%%2g', 'a broken percent-encoding'],
    ['fe80::1%%g2', 'a broken percent-encoding'],
    [`fe80::1%${'z'.repeat(65)}`, 'a zone of 65 characters'],
    ['1:2:3:4:5:6:7%eth0', 'seven groups and a zone'],
    ['1:2%eth0', 'two groups and a zone'],
    ['fe80:%eth0', 'a colon before the zone'],
  ])('%j: %s', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  test.each([
    ['192.0.2.1', 0, 10],
    ['192.0.2.1', -1, 9],
    ['192.0.2.1', 5, 3],
    ['::1', 0, 4],
    ['::1', 3, 3],
    ['::', 0, 1],
    ['1::', 0, 2],
    ['::1', Number.NaN, 3],
    ['::1', 0, Number.NaN],
  ])('beyond the text: %j from %d to %d', (text, start, end) => {
    expect(parseAddress(text, start, end)).toBeUndefined()
  })

  test('however long the text', () => {
    const digits = '1'.repeat(1_000_000)
    for (const text of [digits, `::${digits}`, `::1%${digits}`, `${'1:'.repeat(500_000)}`]) {
      expect(parseAddress(text)).toBeUndefined()
    }
  })
})

describe('the reference', () => {
  test('agrees on whatever looks like an address', () => {
    fc.assert(
      fc.property(nearAddress, (text) => {
        const slow = slowParse(text)
        expect(textOf(text)).toBe(slow && slowText(slow))
        expect(parseAddress(text)?.family).toBe(slow?.family)
      }),
      { numRuns: 5000 },
    )
  })

  test('agrees on every spelling of IPv6', () => {
    fc.assert(
      fc.property(ipv6Spelling, (text) => {
        const slow = slowParse(text)
        expect(slow).toBeDefined()
        expect(textOf(text)).toBe(slow && slowText(slow))
      }),
      { numRuns: 3000 },
    )
  })

  test('text reads back as the same value', () => {
    fc.assert(
      fc.property(slowAddress, (slow) => {
        const address = parseAddress(slowText(slow))
        expect(address?.text).toBe(slowText(slow))
        expect(parseAddress(address?.text ?? '')).toEqual(address)
      }),
      { numRuns: 2000 },
    )
  })

  test('a mapped spelling is the IPv4 address', () => {
    fc.assert(
      fc.property(slowAddress, ({ value }) => {
        const ipv4 = slowText({ family: 4, value: value & 0xffffffffn })
        const hex = (value & 0xffffffffn).toString(16).padStart(8, '0')
        const expected = parseAddress(ipv4)
        expect(parseAddress(`::ffff:${ipv4}`)).toEqual(expected)
        expect(parseAddress(`::ffff:${hex.slice(0, 4)}:${hex.slice(4)}`)).toEqual(expected)
      }),
    )
  })

  test('every byte value after an address spoils it, but for digits and zones', () => {
    for (let code = 0; code < 256; code++) {
      const end = String.fromCharCode(code)
      expect(parseAddress(`192.0.2.100${end}`), `IPv4 and ${code}`).toBeUndefined()
      const hex = /[0-9a-fA-F]/.test(end)
      expect(parseAddress(`2001:db8::1${end}`) !== undefined, `IPv6 and ${code}`).toBe(hex)
    }
  })
})

describe('other parsers', () => {
  test('Node takes the same text without zone for an address', () => {
    fc.assert(
      fc.property(fc.oneof(nearAddress, ipv6Spelling), (text) => {
        fc.pre(!text.includes('%'))
        expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0)
      }),
      { numRuns: 5000 },
    )
  })

  test('ipaddr.js reads the same bits from what is an address here', () => {
    fc.assert(
      fc.property(fc.oneof(slowAddress.map(slowText), ipv6Spelling), (text) => {
        fc.pre(!/^::[\d.]+$/.test(text))
        expect(ipaddr.process(text).toByteArray()).toEqual([...(parseAddress(text)?.bytes() ?? [])])
      }),
      { numRuns: 3000 },
    )
  })

  // What ipaddr.js reads and must not be read from a header: each has a second reading elsewhere.
  test.each([
    ['0177.0.0.1', '127.0.0.1'],
    ['010.0.0.1', '8.0.0.1'],
    ['0x7f.0.0.1', '127.0.0.1'],
    ['0x7f000001', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['127.0.1', '127.0.0.1'],
    ['1', '0.0.0.1'],
  ])('%s is %s to ipaddr.js and no address here', (text, other) => {
    expect(ipaddr.process(text).toString()).toBe(other)
    expect(parseAddress(text)).toBeUndefined()
  })

  // IPv4-compatible, deprecated by RFC 4291 section 2.5.5.1: another address than the IPv4 one.
  test('::192.0.2.1 is 192.0.2.1 to ipaddr.js and an IPv6 address here', () => {
    expect(ipaddr.process('::192.0.2.1').toString()).toBe('192.0.2.1')
    expect(textOf('::192.0.2.1')).toBe('::c000:201')
  })
})

describe('bytes of IPv6 text', () => {
  test.each([
    ['::', '00000000000000000000000000000000'],
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
  ])('%s, IPv4-mapped text as it stands', (text, hex) => {
    expect(Buffer.from(ipv6Bytes(text) ?? []).toString('hex')).toBe(hex)
  })

  test.each(['192.0.2.1', 'fe80::1%eth0', '[::1]', '', '::1 ', '1:2:3:4:5:6:7:8:9'])(
    '%j has none',
    (text) => {
      expect(ipv6Bytes(text)).toBeUndefined()
    },
  )

  test('are a copy', () => {
    const first = ipv6Bytes('::1')
    ipv6Bytes('::2')
    expect(first?.[15]).toBe(1)
  })
})

describe('dotted decimal before a position', () => {
  /** Every start is tried; a digit further left would make the first number a longer one. */
  function slowBefore(text: string, from: number, end: number) {
    for (let start = from; start < end; start++) {
      const found = slowParse(text.slice(start, end))
      const isWhole = start === from || !/[0-9]/.test(text.charAt(start - 1))
      if (found?.family === 4 && !text.slice(start, end).includes(':') && isWhole) {
        return { start, word: Number(found.value) }
      }
    }
    return { start: -1, word: undefined }
  }

  function before(text: string, from: number, end: number) {
    const found = { word: 1.5 }
    const start = ipv4Before(text, from, end, found)
    return { start, word: start < 0 && found.word === 1.5 ? undefined : found.word >>> 0 }
  }

  const none = { start: -1, word: undefined }
  test.each([
    ['192.0.2.1', 0, 9, { start: 0, word: 0xc0000201 }],
    ['x, 192.0.2.1', 0, 12, { start: 3, word: 0xc0000201 }],
    ['192.0.2.123', 0, 10, { start: 0, word: 0xc000020c }],
    ['255.255.255.255', 0, 15, { start: 0, word: 0xffffffff }],
    ['0.0.0.0', 0, 7, { start: 0, word: 0 }],
    ['9.192.0.2.1', 0, 11, { start: 2, word: 0xc0000201 }],
    ['192.0.2.1', 1, 9, { start: 1, word: 0x5c000201 }],
    ['192.0.2.1', 2, 9, { start: 2, word: 0x02000201 }],
    ['192.0.2.1', 3, 9, none],
    ['1192.0.2.1', 0, 10, none],
    ['192.0.2.01', 0, 10, none],
    ['192.0.2.256', 0, 11, none],
    ['192.0..2', 0, 8, none],
    ['192.0.2', 0, 7, none],
    ['.0.2.1', 0, 6, none],
    ['192.0.2.1 ', 0, 10, none],
    ['', 0, 0, none],
  ])('in %j from %i to before %i', (text, from, end, expected) => {
    expect(before(text, from, end)).toEqual(expected)
  })

  test('is what trying every start finds', () => {
    const number = fc.constantFrom('0', '7', '10', '99', '100', '255', '256', '300', '01', '00', '')
    const list = fc
      .array(fc.tuple(number, fc.constantFrom('.', '.', '.', '.', ',', ' ')), { maxLength: 12 })
      .map((parts) => parts.flat().join(''))
    fc.assert(
      fc.property(fc.oneof(list, nearAddress), fc.nat(9), fc.nat(40), (text, from, cut) => {
        const end = Math.max(0, text.length - cut)
        expect(before(text, from, end)).toEqual(slowBefore(text, from, end))
      }),
      { numRuns: 2000 },
    )
  })
})
