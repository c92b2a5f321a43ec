import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Address, Prefix, PrefixError, PrefixSet, parsePrefix } from '../src/index.js'
import { entry, nearAddress, slowAddress } from './arbitraries.js'
import { slowEdges, slowPrefix, slowSearch, slowText } from './slow-address.js'

/** `match` as text: the prefix and its entry. */
function matched(set: PrefixSet, address: string): string | undefined {
  const match = set.match(address)
  return match && `${match.prefix} from ${match.entry}`
}

describe('longest match', () => {
  const entries = [
    '10.0.0.0/8',
    '10.1.0.0/16',
    '10.1.7.0/24',
    '10.1.7.9',
    '10.9.0.0/16',
    '2001:db8::/32',
    '2001:db8:1::/48',
    '2001:db8:1:1::/64',
    '2001:db8:1:1::1',
    '::ffff:192.0.2.0/120',
  ]
  const set = PrefixSet.from(entries)

  test.each([
    ['9.255.255.255', undefined],
    ['10.0.0.0', '10.0.0.0/8'],
    ['10.0.255.255', '10.0.0.0/8'],
    ['10.1.0.0', '10.1.0.0/16'],
    ['10.1.6.255', '10.1.0.0/16'],
    ['10.1.7.0', '10.1.7.0/24'],
    ['10.1.7.8', '10.1.7.0/24'],
    ['10.1.7.9', '10.1.7.9'],
    ['10.1.7.10', '10.1.7.0/24'],
    ['10.1.8.0', '10.1.0.0/16'],
    ['10.2.0.0', '10.0.0.0/8'],
    ['10.9.1.1', '10.9.0.0/16'],
    ['10.255.255.255', '10.0.0.0/8'],
    ['11.0.0.0', undefined],
    ['192.0.2.77', '::ffff:192.0.2.0/120'],
    ['::ffff:10.1.7.9', '10.1.7.9'],
    ['2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', undefined],
    ['2001:db8::', '2001:db8::/32'],
    ['2001:db8:1::', '2001:db8:1::/48'],
    ['2001:db8:1:1::', '2001:db8:1:1::/64'],
    ['2001:db8:1:1::1', '2001:db8:1:1::1'],
    ['2001:db8:1:1::1%eth0', '2001:db8:1:1::1'],
    ['2001:db8:1:1::2', '2001:db8:1:1::/64'],
    ['2001:db8:1:2::', '2001:db8:1::/48'],
    ['2001:db8:2::', '2001:db8::/32'],
    ['2001:db9::', undefined],
  ])('of %s is %s', (address, expected) => {
    expect(set.match(address)?.entry).toBe(expected)
    expect(set.entryOf(address)).toBe(expected)
    expect(set.has(address)).toBe(expected !== undefined)
    expect(slowSearch(entries)(address)).toBe(expected)
  })

  test('gives the prefix with the entry as it was written', () => {
    expect(matched(set, '192.0.2.1')).toBe('192.0.2.0/24 from ::ffff:192.0.2.0/120')
    expect(matched(set, '10.1.7.9')).toBe('10.1.7.9/32 from 10.1.7.9')
  })
})

describe('the families', () => {
  test('::/0 has no IPv4 address, 0.0.0.0/0 no IPv6 address', () => {
    const ipv6 = PrefixSet.from(['::/0'])
    const ipv4 = PrefixSet.from(['0.0.0.0/0'])
    for (const text of ['0.0.0.0', '192.0.2.1', '255.255.255.255', '::ffff:192.0.2.1']) {
      expect(ipv6.has(text), text).toBe(false)
      expect(ipv4.has(text), text).toBe(true)
    }
    for (const text of ['::', '::192.0.2.1', '64:ff9b::192.0.2.1', '2002:c000:201::', 'ffff::']) {
      expect(ipv6.has(text), text).toBe(true)
      expect(ipv4.has(text), text).toBe(false)
    }
  })

  test('an address with the same words in the other family is another one', () => {
    expect(PrefixSet.from(['192.0.2.1']).has('::192.0.2.1')).toBe(false)
    expect(PrefixSet.from(['::192.0.2.1']).has('192.0.2.1')).toBe(false)
  })
})

describe('what is asked', () => {
  const all = PrefixSet.from(['0.0.0.0/0', '::/0'])

  test.each([
    ['', 'nothing'],
    ['garbage', 'a word'],
    ['10.0.0.0/8', 'a prefix'],
    ['010.0.0.1', 'octal'],
    ['127.1', 'short'],
    ['[::1]', 'brackets'],
    ['10.0.0.1:80', 'a port'],
    [' 10.0.0.1', 'white space'],
    ['fe80::1%', 'an empty zone'],
    ['__proto__', 'a name of every object'],
  ])('%j (%s) is in no set', (text) => {
    expect(all.has(text)).toBe(false)
    expect(all.match(text)).toBeUndefined()
    expect(all.entryOf(text)).toBeUndefined()
  })

  test('never throws, whatever the text', () => {
    const set = PrefixSet.from(['10.0.0.0/8', '2001:db8::/32'])
    const search = slowSearch(['10.0.0.0/8', '2001:db8::/32'])
    fc.assert(
      fc.property(nearAddress, (text) => {
        const expected = search(text)
        expect(set.match(text)?.entry).toBe(expected)
        expect(set.has(text)).toBe(expected !== undefined)
      }),
      { numRuns: 2000 },
    )
  })

  test('an empty set has nothing', () => {
    const none = PrefixSet.from([])
    expect(none.size).toBe(0)
    expect([...none]).toEqual([])
    for (const text of ['0.0.0.0', '255.255.255.255', '::', 'ffff::', '127.0.0.1']) {
      expect(none.has(text), text).toBe(false)
      expect(none.match(text), text).toBeUndefined()
    }
  })
})

describe('entries', () => {
  test('that mean the same count once, and the first of them is shown', () => {
    const set = PrefixSet.from([
      '10.0.0.1/32',
      '10.0.0.1',
      '::ffff:10.0.0.1',
      '2001:DB8::',
      '2001:db8::/128',
    ])
    expect(set.size).toBe(2)
    expect(set.match('10.0.0.1')?.entry).toBe('10.0.0.1/32')
    expect(set.match('2001:db8::')?.entry).toBe('2001:DB8::')
  })

  test('that differ only in length are two', () => {
    const set = PrefixSet.from(['10.0.0.0/8', '10.0.0.0/9', '10.0.0.0'])
    expect(set.size).toBe(3)
    expect(set.match('10.0.0.0')?.entry).toBe('10.0.0.0')
    expect(set.match('10.0.0.1')?.entry).toBe('10.0.0.0/9')
    expect(set.match('10.128.0.0')?.entry).toBe('10.0.0.0/8')
  })

  test('may be prefixes, and are the same objects in a match', () => {
    const prefix = parsePrefix('10.0.0.0/8')
    const set = PrefixSet.from([prefix, '2001:db8::/32'])
    expect(set.match('10.1.2.3')?.prefix).toBe(prefix)
    expect(set.entryOf('10.1.2.3')).toBe('10.0.0.0/8')
    expect(set.match('2001:db8::1')?.prefix).toEqual(parsePrefix('2001:db8::/32'))
  })

  test('may come from any iterable', () => {
    const lines = function* () {
      yield '10.0.0.0/8'
      yield '10.1.0.0/16'
    }
    expect(PrefixSet.from(lines()).size).toBe(2)
    expect(PrefixSet.from(new Set(['::1', '::1'])).size).toBe(1)
  })

  test('with bits beyond their length are reported, in the order of the entries', () => {
    const set = PrefixSet.from([
      '2001:db8::1/32',
      '10.0.0.0/8',
      '10.0.0.1/8',
      parsePrefix('9.9.9.9/24'),
    ])
    expect(set.warnings).toEqual([
      '"2001:db8::1/32" has bits set beyond its length: read as 2001:db8::/32',
      '"10.0.0.1/8" has bits set beyond its length: read as 10.0.0.0/8',
      '"9.9.9.9/24" has bits set beyond its length: read as 9.9.9.0/24',
    ])
    expect(set.has('10.255.0.1')).toBe(true)
  })

  test('that are not prefixes throw', () => {
    expect(() => PrefixSet.from(['10.0.0.0/8', '10.0.0.0/33'])).toThrow(PrefixError)
    expect(() => PrefixSet.from(['loopback'])).toThrow(/"loopback" is not an IP prefix/)
  })

  test('as one text, whose characters would be taken for entries, throw', () => {
    expect(() => PrefixSet.from('::1')).toThrow('write an array of entries, ["::1"]')
  })

  test('changed after the set was built change nothing', () => {
    const entries: (string | Prefix)[] = ['10.0.0.0/8']
    const set = PrefixSet.from(entries)
    entries[0] = '11.0.0.0/8'
    entries.push('12.0.0.0/8')
    expect([set.size, set.has('10.0.0.1'), set.has('11.0.0.1')]).toEqual([1, true, false])
    expect(set.match('10.0.0.1')?.entry).toBe('10.0.0.0/8')
  })

  test('nor can the set itself be changed', () => {
    const set: { size: number } = PrefixSet.from(['10.0.0.0/8'])
    expect(() => {
      set.size = 0
    }).toThrow(TypeError)
    expect(set.size).toBe(1)
  })

  test('are listed by family and address, what contains before what is contained', () => {
    const shuffled = [
      '::/0',
      '10.1.0.0/16',
      'ffff::',
      '255.0.0.0/8',
      '10.0.0.0/8',
      '::1',
      '0.0.0.0/0',
    ]
    const listed = [...PrefixSet.from(shuffled)].map((prefix) => prefix.entry)
    expect(listed).toEqual([
      '0.0.0.0/0',
      '10.0.0.0/8',
      '10.1.0.0/16',
      '255.0.0.0/8',
      '::/0',
      '::1',
      'ffff::',
    ])
  })
})

describe('what an entry was written as', () => {
  const spellings = [
    ['10.0.0.0/8', '10.1.2.3'],
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.9/32', '192.0.2.9'],
    ['172.16.5.5/12', '172.16.0.0'],
    ['2001:DB8::/32', '2001:db8::1'],
    ['2001:db9::/32', '2001:db9::1'],
    ['2001:dba::7', '2001:dba::7'],
    ['2001:dba::9/128', '2001:dba::9'],
    ['::ffff:198.51.100.0/120', '198.51.100.9'],
  ] as const
  const plain = Array.from({ length: 200 }, (_, at) => `100.64.${at}.0/24`)

  // Few of many, and most of few, are kept in different ways.
  test.each([
    ['among few', []],
    ['among many', plain],
  ])('is told %s', (_, others) => {
    const set = PrefixSet.from([...others, ...spellings.map(([written]) => written)])

    for (const [written, address] of spellings) {
      expect(set.entryOf(address)).toBe(written)
      expect(set.match(address)?.entry).toBe(written)
      expect(set.match(address)?.prefix.text).toBe(parsePrefix(written).text)
    }
    const all = [...set].map((prefix) => prefix.entry)
    expect(all.sort()).toEqual([...others, ...spellings.map(([written]) => written)].sort())
    expect(set.warnings).toEqual([parsePrefix('172.16.5.5/12').warning])
  })

  test('is the name of a range, where the entry is a prefix that has one', () => {
    const { address, length } = parsePrefix('10.0.0.0/8')
    const set = PrefixSet.from([Prefix.of(address, length, 'private')])

    expect(set.entryOf('10.1.1.1')).toBe('private')
  })
})

describe('the linear search agrees', () => {
  test('on any set, at the edges of every prefix and elsewhere', () => {
    const entries = fc.array(entry, { maxLength: 40 })
    fc.assert(
      fc.property(entries, fc.array(slowAddress, { maxLength: 5 }), (texts, others) => {
        const set = PrefixSet.from(texts)
        const search = slowSearch(texts)
        for (const address of [...texts.map(slowPrefix).flatMap(slowEdges), ...others]) {
          const text = slowText(address)
          expect(set.match(text)?.entry, text).toBe(search(text))
          expect(set.has(text), text).toBe(search(text) !== undefined)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('on every nesting of one address, from the whole family down to itself', () => {
    for (const [address, bits] of [
      ['10.85.170.85', 32],
      ['2001:db8:5555:aaaa:5555:aaaa:5555:aaaa', 128],
    ] as const) {
      const entries = Array.from({ length: bits + 1 }, (_, length) => `${address}/${length}`)
      const set = PrefixSet.from(entries)
      expect(set.size).toBe(bits + 1)
      const search = slowSearch(entries)
      for (const edge of entries.map(slowPrefix).flatMap(slowEdges)) {
        const text = slowText(edge)
        expect(set.match(text)?.entry, text).toBe(search(text))
      }
    }
  })

  // Where the index sees little: one crowded network, with and without a few prefixes far from it.
  test.each([
    ['10.0.0.0/8 alone', [], (value: number) => Address.ipv4(0x0a000000 | (value & 0xffffff)).text],
    [
      '10.0.0.0/8',
      ['0.0.0.0/32', '9.255.0.0/16', '11.0.0.0/8', '255.0.0.0/8'],
      (value: number) => Address.ipv4(0x0a000000 | (value & 0xffffff)).text,
    ],
    [
      '10.1.2.0/24',
      ['10.1.1.0/24', '10.1.3.0/24'],
      (value: number) => Address.ipv4(0x0a010200 | (value & 0xff)).text,
    ],
    ['2001:db8::/32 alone', [], (value: number) => Address.ipv6(0x20010db8, value, 0, 0).text],
    [
      '2001:db8::/32',
      ['::1', 'fe80::/10', 'fc00::/7', '2001:db7::/32', '2001:db9::/32'],
      (value: number) => Address.ipv6(0x20010db8, value, 0, 0).text,
    ],
    [
      '2001:db8:1:2::/64',
      ['::1', 'fe80::/10'],
      (value: number) => Address.ipv6(0x20010db8, 0x10002, value, 0).text,
    ],
    [
      'the last bits of 2001:db8::',
      ['::1'],
      (value: number) => Address.ipv6(0x20010db8, 0, 0, value & 0xfff).text,
    ],
    [
      '128.0.0.0/1',
      ['0.0.0.1', '10.0.0.0/8', '127.255.255.255'],
      (value: number) => Address.ipv4(0x80000000 | value).text,
    ],
    ['both halves of the space', [], (value: number) => Address.ipv6(value, 0, 0, 0).text],
  ] as const)('on lists that gather in %s', (_, others, spread) => {
    const value = (at: number) => Math.imul(at + 1, 0x9e3779b1) >>> 0
    const near = Array.from({ length: 120 }, (_, at) => spread(value(at)))
    const lengths = near.map((text, at) => `${text}/${(text.includes(':') ? 128 : 32) - (at % 9)}`)
    const entries = [...others, ...lengths]
    const set = PrefixSet.from(entries)
    const search = slowSearch(entries)
    for (const edge of entries.map(slowPrefix).flatMap(slowEdges)) {
      const text = slowText(edge)
      expect(set.match(text)?.entry, text).toBe(search(text))
    }
  })
})
