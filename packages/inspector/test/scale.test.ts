import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shortCount, topOf } from '../page/scale.js'

describe('the scale of a plot', () => {
  test.each([
    [0, 4],
    [1, 4],
    [4, 4],
    [5, 10],
    [11, 20],
    [21, 40],
    [41, 100],
    [100, 100],
    [123_456, 200_000],
  ])('for at most %i ends at %i', (highest, top) => {
    expect(topOf(highest)).toBe(top)
  })

  test('has room for everything, wastes little, and has a whole half', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 1e9 }), (highest) => {
        const top = topOf(highest)
        expect(top).toBeGreaterThanOrEqual(highest)
        expect(top).toBeLessThanOrEqual(2.5 * highest)
        expect(Number.isInteger(top / 2)).toBe(true)
      }),
    )
  })

  test('is short to read', () => {
    expect([0, 2, 500, 2000, 40_000, 1_000_000].map(shortCount)).toEqual([
      '0',
      '2',
      '500',
      '2K',
      '40K',
      '1M',
    ])
  })
})
