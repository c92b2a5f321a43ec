import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wholeSeconds } from '../../src/decide/seconds.js'

const clock = fc.double({ min: 0, max: 2 ** 41, noNaN: true })

describe('what is left of a period, in seconds', () => {
  test('is the period at its beginning, whatever the clock says', () => {
    fc.assert(
      fc.property(clock, fc.integer({ min: 0, max: 86_400 }), (now, seconds) => {
        expect(wholeSeconds(now + seconds * 1000 - now)).toBe(seconds)
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    [-1, 0],
    [0, 0],
    [1, 1],
    [999, 1],
    [1000, 1],
    [1000.01, 2],
    [1001, 2],
  ])('of %d milliseconds is %i', (milliseconds, seconds) => {
    expect(wholeSeconds(milliseconds)).toBe(seconds)
  })
})
