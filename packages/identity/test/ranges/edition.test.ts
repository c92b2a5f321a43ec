import { atOnce } from '@truehop/ip/internal'
import { describe, expect, test } from 'vitest'
import { type Edition, EditionError, makeEdition, writtenList } from '../../src/ranges/edition.js'

const BOUNDS = { minimum: 2, maximumShrink: 0.5, widest: { 4: 8, 6: 16 } }
const prefixes = (count: number) => Array.from({ length: count }, (_, i) => `10.${i}.0.0/16`)
const edition = (entries: readonly string[], before?: Edition) =>
  atOnce(makeEdition(writtenList(entries, 'v1'), BOUNDS, before, 1000))

describe('an edition of a list', () => {
  test('holds its prefixes, version and time', () => {
    const { set, version, updatedAt } = edition(prefixes(3))
    expect([set.size, set.has('10.2.9.9'), set.has('10.3.0.0')]).toEqual([3, true, false])
    expect({ version, updatedAt }).toEqual({ version: 'v1', updatedAt: 1000 })
  })

  test('has the minimum of prefixes, each counted once', () => {
    expect(edition(prefixes(2)).set.size).toBe(2)
    expect(() => edition(['10.0.0.0/16', '10.0.0.0/16'])).toThrow(
      new EditionError('has 1 prefixes, fewer than the minimum of 2'),
    )
  })

  test('loses no larger share of the one before than it may', () => {
    const before = edition(prefixes(10))
    expect(edition(prefixes(5), before).set.size).toBe(5)
    expect(() => edition(prefixes(4), before)).toThrow(
      new EditionError('shrank from 10 to 4 prefixes'),
    )
    const keepsAll = { ...BOUNDS, maximumShrink: 0 }
    expect(() =>
      atOnce(makeEdition(writtenList(prefixes(9), 'v2'), keepsAll, before, 2000)),
    ).toThrow('shrank from 10 to 9')
  })

  test('has no prefix wider than it may, in either family', () => {
    expect(edition(['10.0.0.0/8', '2001::/16']).set.size).toBe(2)
    expect(() => edition([...prefixes(9), '10.0.0.0/7'])).toThrow(
      new EditionError('has 10.0.0.0/7, wider than a list of proxies may have (/8)'),
    )
    expect(() => edition([...prefixes(9), '2000::/15'])).toThrow(
      new EditionError('has 2000::/15, wider than a list of proxies may have (/16)'),
    )
  })

  test('is refused unread above two million entries', () => {
    const entries = new Array<string>(2_000_001).fill('no prefix at all')
    expect(() => edition(entries)).toThrow(new EditionError('has over 2000000 entries'))
  })

  test('is refused for one entry that is not a prefix, by name', () => {
    expect(() => edition([...prefixes(3), '10.0.0.0/33'])).toThrow(EditionError)
    expect(() => edition([...prefixes(3), '10.0.0.0/33'])).toThrow('10.0.0.0/33')
  })
})
