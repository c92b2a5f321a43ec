import { describe, expect, test } from 'vitest'
import { type Address, PeerSet, PrefixError, parseAddress, parsePrefix } from '../src/index.js'

function peer(text: string): Address | 'unix' {
  if (text === 'unix') return text
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}

describe('names', () => {
  test.each([
    ['loopback', '127.0.0.1', true],
    ['loopback', '127.255.255.255', true],
    ['loopback', '128.0.0.0', false],
    ['loopback', '126.255.255.255', false],
    ['loopback', '::1', true],
    ['loopback', '::ffff:127.0.0.1', true],
    ['loopback', '::2', false],
    ['loopback', 'unix', false],
    ['linklocal', '169.254.169.254', true],
    ['linklocal', '169.255.0.0', false],
    ['linklocal', 'fe80::1%eth0', true],
    ['linklocal', 'fec0::1', false],
    ['uniquelocal', '10.0.0.1', true],
    ['uniquelocal', '172.16.0.1', true],
    ['uniquelocal', '172.31.255.255', true],
    ['uniquelocal', '172.32.0.0', false],
    ['uniquelocal', '192.168.1.1', true],
    ['uniquelocal', 'fd00::1', true],
    ['uniquelocal', 'fc00::', true],
    ['uniquelocal', 'fe00::', false],
    ['private', '10.255.255.255', true],
    ['private', '172.15.255.255', false],
    ['private', 'fd00::1', true],
    ['private', '127.0.0.1', false],
    ['private', '100.64.0.1', false],
    ['unix', 'unix', true],
    ['unix', '127.0.0.1', false],
    ['any', 'unix', true],
    ['any', '0.0.0.0', true],
    ['any', '203.0.113.9', true],
    ['any', '::', true],
    ['any', '2001:db8::1', true],
  ])('%s has %s: %s', (name, text, expected) => {
    const set = PeerSet.from([name])
    expect(set.has(peer(text))).toBe(expected)
    expect(set.match(peer(text))).toEqual(expected ? { entry: name } : undefined)
  })

  test.each([
    [['private'], false, false, 4],
    [['loopback', 'linklocal'], false, false, 4],
    [['private', 'uniquelocal'], false, false, 4],
    [['unix'], false, true, 1],
    [['any'], true, true, 3],
    [['any', 'unix'], true, true, 3],
    [['10.0.0.0/8', '10.0.0.0/8', 'unix'], false, true, 2],
    [[], false, false, 0],
  ])('%j: any %s, unix %s, size %d', (entries, isAny, hasUnix, size) => {
    const set = PeerSet.from(entries)
    expect([set.isAny, set.hasUnix, set.size]).toEqual([isAny, hasUnix, size])
  })

  test.each([
    'Loopback',
    'LOOPBACK',
    'loopback ',
    'localhost',
    '*',
    'all',
    'true',
    'toString',
    '1',
  ])('%j is not one, and the error lists those there are', (entry) => {
    const names = 'loopback, linklocal, uniquelocal, private, cgnat, unix, event, any'
    expect(() => PeerSet.from([entry])).toThrow(PrefixError)
    expect(() => PeerSet.from([entry])).toThrow(`; or one of ${names}`)
  })
})

describe('entries', () => {
  const set = PeerSet.from(['private', '10.1.0.0/16', parsePrefix('2001:db8::/32'), '192.0.2.1/24'])

  test.each([
    ['10.1.2.3', '10.1.0.0/16'],
    ['10.2.0.0', 'private'],
    ['192.168.0.1', 'private'],
    ['2001:db8::1', '2001:db8::/32'],
    ['192.0.2.200', '192.0.2.1/24'],
  ])('the longest match of %s comes from %s', (text, entry) => {
    expect(set.match(peer(text))).toEqual({ entry })
  })

  test('are in the prefixes, with their warnings', () => {
    expect(set.prefixes.match('172.16.0.1')?.prefix.text).toBe('172.16.0.0/12')
    expect(set.prefixes.match('172.16.0.1')?.entry).toBe('private')
    expect(set.warnings).toEqual([
      '"192.0.2.1/24" has bits set beyond its length: read as 192.0.2.0/24',
    ])
  })

  test('unix is shown as written: by its own name rather than by any', () => {
    expect(PeerSet.from(['any', 'unix']).match('unix')).toEqual({ entry: 'unix' })
  })

  test('that are malformed throw with the code of the fault', () => {
    const codeOf = (text: string) => {
      try {
        PeerSet.from(['loopback', text])
      } catch (error) {
        return error instanceof PrefixError ? [error.code, error.entry] : error
      }
      return undefined
    }
    expect(codeOf('10.0.0.0/33')).toEqual(['bad-prefix', '10.0.0.0/33'])
    expect(codeOf('fe80::1%eth0')).toEqual(['bad-cidr', 'fe80::1%eth0'])
    expect(codeOf('')).toEqual(['bad-cidr', ''])
  })

  test('as one text throw', () => {
    expect(() => PeerSet.from('any')).toThrow('write an array of entries, ["any"]')
  })
})
