import fc from 'fast-check'
import { expect, test } from 'vitest'
import { grouped } from '../src/problem.js'

test('digits are grouped as English is written', () => {
  const number = fc.oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.integer({ min: -1e6, max: 1e6 }).map((thousandths) => thousandths / 1000),
  )
  fc.assert(
    fc.property(number, (value) => {
      const english = value.toLocaleString('en-US', { maximumFractionDigits: 20 })
      expect(grouped(value)).toBe(english)
    }),
  )
  expect(grouped(16_777_216)).toBe('16,777,216')
  expect(grouped(0.5)).toBe('0.5')
})
