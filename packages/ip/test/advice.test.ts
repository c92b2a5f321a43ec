import { describe, expect, test } from 'vitest'
import {
  Address,
  PeerSet,
  Prefix,
  PrefixError,
  PrefixSet,
  parseAddress,
  parsePrefix,
} from '../src/index.js'

const EXAMPLE = 'write an address such as "192.0.2.1" or a prefix such as "192.0.2.0/24"'

function refusal(entry: string, from: (entry: string) => unknown = parsePrefix): PrefixError {
  try {
    from(entry)
  } catch (error) {
    if (error instanceof PrefixError) return error
    throw error
  }
  throw new Error(`${entry} was accepted`)
}

describe('what to write instead is shown by', () => {
  test.each([
    ['a port', '10.20.30.40:8080', 'write it without the port'],
    ['a port that is empty', '192.0.2.1:', 'write it without the port'],
    [
      'a name, with a port behind an address in it',
      'x1.2.3.4:80',
      `names are not looked up, ${EXAMPLE}`,
    ],
    ['neither port nor name', '1.2.3.4:80x', EXAMPLE],
    ['a range', '192.0.2.1-192.0.2.9', 'write a range of addresses as its prefixes'],
    ['a range of IPv6', 'fe80-feff', 'write a range of addresses as its prefixes'],
    ['a name with a hyphen', 'my-host', `names are not looked up, ${EXAMPLE}`],
    [
      'a name that begins like a number of base 16',
      'db.example',
      `names are not looked up, ${EXAMPLE}`,
    ],
    ['a name of few letters', 'zzz', `names are not looked up, ${EXAMPLE}`],
    ['letters behind a colon, which no name has', '2001:db8::zz', EXAMPLE],
    ['base 16 that is no address', 'cafe', EXAMPLE],
  ])('%s: %s', (_, entry, reason) => {
    expect(refusal(entry)).toMatchObject({ code: 'bad-cidr', reason })
  })

  test.each([
    ['10.0.0.0/032', 'write "10.0.0.0/32"'],
    ['10.0.0.0/0008', 'write "10.0.0.0/8"'],
    ['10.0.0.0/033', 'the length of an IPv4 prefix must be an integer from 0 to 32'],
    ['10.0.0.0/x08', 'the length of an IPv4 prefix must be an integer from 0 to 32'],
    ['10.0.0.0/08x', 'the length of an IPv4 prefix must be an integer from 0 to 32'],
    ['2001:db8::/0128', 'write "2001:db8::/128"'],
    ['2001:db8::/129', 'the length of an IPv6 prefix must be an integer from 0 to 128'],
    [
      '::ffff:10.0.0.1/32',
      'an IPv4-mapped prefix has 96 bits or more, write the IPv4 one, "10.0.0.1/32"',
    ],
    [
      '::ffff:10.0.0.1/33',
      'an IPv4-mapped prefix has 96 bits or more, write the IPv4 one, such as "10.0.0.1/24"',
    ],
    ['::ffff:10.0.0.1/24x', 'the length of an IPv6 prefix must be an integer from 0 to 128'],
    ['10.0.0.0/255.255.255.255', 'write the netmask as its length, "10.0.0.0/32"'],
    ['10.0.0.0/0.0.0.0', 'write the netmask as its length, "10.0.0.0/0"'],
    ['10.0.0.0/255.0.255.0', 'write the number of network bits, such as "10.0.0.0/24"'],
  ])('the length: %s', (entry, reason) => {
    expect(refusal(entry)).toMatchObject({ code: 'bad-prefix', entry, reason })
  })
})

describe('a length', () => {
  test('has digits and nothing else', () => {
    const accepted = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).filter(
      (character) => {
        try {
          parsePrefix(`10.0.0.0/1${character}`)
          return true
        } catch {
          return false
        }
      },
    )
    expect(accepted.join('')).toBe('0123456789')
  })

  test('that the family has not is refused by number, too', () => {
    const ipv4 = parseAddress('10.0.0.0') ?? Address.ipv4(0)
    const ipv6 = Address.ipv6(0, 0, 0, 0)
    for (const length of [-1, 33, 1.5, Number.NaN]) {
      expect(() => Prefix.of(ipv4, length)).toThrow(
        new RangeError(
          `the length of an IPv4 prefix must be an integer from 0 to 32, got ${length}`,
        ),
      )
    }
    expect(() => Prefix.of(ipv6, 129)).toThrow(
      'the length of an IPv6 prefix must be an integer from 0 to 128, got 129',
    )
    expect(Prefix.of(ipv6, 128).text).toBe('::/128')
  })
})

describe('a PrefixError', () => {
  test('shows 80 characters of an entry whole, and keeps all', () => {
    const entry = (length: number) => `x${'y'.repeat(length - 1)}`
    expect(refusal(entry(80)).message).toContain(`"${entry(80)}" is not an IP prefix: `)
    expect(refusal(entry(81)).message).toContain(`"${entry(80)}…" is not an IP prefix: `)
    expect(refusal(entry(300)).entry).toHaveLength(300)
  })

  test('is what one text instead of a list comes to', () => {
    for (const from of [PrefixSet.from, PeerSet.from]) {
      expect(refusal('10.0.0.0/8', from)).toMatchObject({
        code: 'bad-cidr',
        reason: 'write an array of entries, ["10.0.0.0/8"]',
      })
    }
  })

  test('is what happens to an entry that is not a string', () => {
    expect(refusal(7 as unknown as string)).toMatchObject({ code: 'bad-cidr', entry: '7' })
  })

  test('names the ranges that have names, where the entry may be meant for one', () => {
    const peers = (entry: string) => PeerSet.from([entry])
    const names = 'loopback, linklocal, uniquelocal, private, cgnat, unix, event, any'
    expect(refusal('Loopback', peers).reason).toContain(`; or one of ${names}`)
    expect(refusal('10.0.0.0/33', peers)).toMatchObject({
      code: 'bad-prefix',
      reason: 'the length of an IPv4 prefix must be an integer from 0 to 32',
    })
  })
})

describe('sets of peers and prefixes', () => {
  const prefix = parsePrefix('10.0.0.0/8')
  const inside = parseAddress('10.1.2.3') ?? Address.ipv4(0)

  test('are made of prefixes as of text', () => {
    expect(PeerSet.from([prefix, 'unix']).match(inside)).toEqual({ entry: '10.0.0.0/8' })
    expect(PrefixSet.from([prefix, '192.0.2.1']).size).toBe(2)
  })

  test('are asked for an address as for its text', () => {
    const set = PrefixSet.from([prefix])
    expect([set.has(inside), set.has('10.1.2.3')]).toEqual([true, true])
    expect(set.match(inside)).toEqual(set.match('10.1.2.3'))
    expect([set.entryOf(inside), set.entryOf('10.1.2.3')]).toEqual(['10.0.0.0/8', '10.0.0.0/8'])
  })
})
