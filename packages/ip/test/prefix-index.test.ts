import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Prefix, parsePrefix } from '../src/index.js'
import { firstLevel } from '../src/set/first-level.js'
import { atOnce } from '../src/set/slices.js'
import { sortPrefixes } from '../src/set/sorted-prefixes.js'
import { entry } from './arbitraries.js'
import { slowContains, slowPrefix } from './slow-address.js'

// What makes lookups fast cannot be seen in their answers: with parents or an index that say too
// little they would still be right, after as many steps as there are prefixes.

/** The prefixes of one family as columns, and in order. */
function sorted(prefixes: readonly Prefix[], family: 4 | 6) {
  const rows = prefixes.filter((prefix) => prefix.family === family)
  const column = (word: 'w0' | 'w1' | 'w2' | 'w3') =>
    Uint32Array.from(rows, ({ address }) => address[word])
  const words = family === 4 ? [column('w3')] : (['w0', 'w1', 'w2', 'w3'] as const).map(column)
  const lengths = Uint8Array.from(rows, ({ length }) => length)
  const result = atOnce(sortPrefixes({ words, lengths }))
  return { ...result, texts: Array.from(result.sources, (source) => rows[source]?.text ?? '') }
}

/** The longest other prefix that contains this one, by looking at all. */
function slowParent(texts: readonly string[], text: string): string | undefined {
  const inner = slowPrefix(text)
  const outer = texts
    .map((candidate) => ({ candidate, ...slowPrefix(candidate) }))
    .filter((prefix) => prefix.length < inner.length && slowContains(prefix, inner))
  return outer.sort((a, b) => b.length - a.length)[0]?.candidate
}

describe('the parent of a prefix', () => {
  test('is the next outwards', () => {
    const entries = ['10.9.0.0/16', '10.1.7.0/24', '10.0.0.0/8', '11.0.0.0/8', '10.1.0.0/16']
    const { texts, parents } = sorted(entries.map(parsePrefix), 4)
    expect(texts).toEqual(['10.0.0.0/8', '10.1.0.0/16', '10.1.7.0/24', '10.9.0.0/16', '11.0.0.0/8'])
    expect([...parents]).toEqual([-1, 0, 1, 0, -1])
  })

  test('is the longest other prefix that contains it, in any set', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), fc.constantFrom(4, 6), (entries, family) => {
        const { texts, parents } = sorted(entries.map(parsePrefix), family)
        const told = Array.from(parents, (parent) => texts[parent])
        expect(told).toEqual(texts.map((text) => slowParent(texts, text)))
      }),
      { numRuns: 500 },
    )
  })
})

describe('the index leaves few rows to bisect', () => {
  const size = 10_000
  // Multiples of an odd number modulo a power of two: even, and not in order.
  const spread = (bits: number) =>
    Uint32Array.from({ length: size }, (_, at) => Math.imul(at, 0x9e3779b1) >>> (32 - bits))
  const same = new Uint32Array(size)
  const far = [0, 1, 0xfc000000, 0xfe800000]

  test.each([
    ['all over IPv4', spread(32), undefined, []],
    ['in 10.0.0.0/8', spread(24).map((word) => word + 0x0a000000), undefined, []],
    ['in 10.0.0.0/8 and far from it', spread(24).map((word) => word + 0x0a000000), undefined, far],
    ['all over IPv6', spread(32), same, []],
    ['in 2000::/3 and far from it', spread(29).map((word) => word + 0x20000000), same, far],
    ['in 2001:db8::/32', same.map(() => 0x20010db8), spread(32), []],
    ['in 2001:db8::/32 and far from it', same.map(() => 0x20010db8), spread(32), far],
  ] as const)('of %s', (_, words0, words1, others) => {
    const rows = [
      ...Array.from(words0, (word, at) => [word, words1?.[at] ?? 0] as const),
      ...others.map((word) => [word, 0] as const),
    ].sort(([a0, a1], [b0, b1]) => a0 - b0 || a1 - b1)
    const column = (at: 0 | 1) => Uint32Array.from(rows, (row) => row[at])
    const level = atOnce(firstLevel(column(0), words1 && column(1)))
    const widths = Array.from(level.slots.subarray(1), (end, at) => end - (level.slots[at] ?? 0))

    expect(widths.reduce((sum, width) => sum + width, 0)).toBe(rows.length)
    expect((widths[0] ?? 0) + (widths.at(-1) ?? 0)).toBeLessThanOrEqual(others.length)
    expect(Math.max(...widths)).toBeLessThanOrEqual(8)
    expect(level.slots.byteLength).toBeLessThanOrEqual(2 * rows.length + 12)
  })
})
