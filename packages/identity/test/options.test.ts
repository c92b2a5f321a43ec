import { describe, expect, test } from 'vitest'
import { checkKeys, isRecord, isWholeNumber, show } from '../src/policy/checks.js'

describe('a value in an error message', () => {
  test.each<[unknown, string]>([
    ['a', "'a'"],
    [7, '7'],
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [Symbol('s'), 'Symbol(s)'],
    [[], 'a list of 0'],
    [[1, 2], 'a list of 2'],
    [{ a: 1 }, 'an object'],
    [() => 1, 'a function'],
  ])('%# is shown as %s', (value, text) => {
    expect(show(value)).toBe(text)
  })

  test('takes 60 characters at most', () => {
    expect(show('a'.repeat(58))).toBe(`'${'a'.repeat(58)}'`)
    expect(show('a'.repeat(59))).toBe(`'${'a'.repeat(56)}...`)
    expect(show('a'.repeat(10_000))).toHaveLength(60)
  })
})

describe('what options are', () => {
  test('an object, not a list, null or a function', () => {
    expect([{}, { a: 1 }].every(isRecord)).toBe(true)
    expect([null, undefined, [], 'a', 7, () => 1].some(isRecord)).toBe(false)
  })

  test('whole numbers that are exact', () => {
    expect([0, -1, 2 ** 53 - 1].every(isWholeNumber)).toBe(true)
    expect([1.5, 2 ** 53, Number.NaN, Infinity, '1', 1n, null].some(isWholeNumber)).toBe(false)
  })

  test('nothing but the keys that are known, which the error lists', () => {
    expect(() => checkKeys({ a: 1 }, ['a', 'b'], '')).not.toThrow()
    expect(() => checkKeys({ a: 1, c: 1 }, ['a', 'b'], '')).toThrow(
      'c: is no option here; known are a, b [unknown-option]',
    )
    expect(() => checkKeys({ c: 1 }, ['a'], 'hops[0]')).toThrow('hops[0].c: is no option')
  })
})
