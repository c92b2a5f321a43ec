import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { GrowingMap } from '../src/growing-map.js'

afterEach(() => void vi.restoreAllMocks())

const key = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.integer({ min: 0, max: 200 }).map((n) => `2001db8:0:0:${n.toString(36)}`),
)
const change = fc.record({ kind: fc.constantFrom('set', 'set', 'delete'), key, value: fc.nat(5) })

test('a growing map answers like a map, and walks over what is in it', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 1500, size: 'max' }), (changes) => {
      const [map, reference] = [new GrowingMap<number>(), new Map<string | number, number>()]
      for (const { kind, key, value } of changes) {
        const isIn = reference.has(key)
        if (kind === 'set') {
          reference.set(key, value)
          expect(map.set(key, value)).toBe(!isIn)
        } else {
          reference.delete(key)
          expect(map.delete(key)).toBe(isIn)
        }
        expect(map.get(key)).toBe(reference.get(key))
        expect(map.size).toBe(reference.size)
      }
      expect([...map.values()].sort()).toEqual([...reference.values()].sort())
    }),
    { numRuns: 50 },
  )
})

test('a walk meets each entry once that is there all the time, and no entry twice', () => {
  const step = fc.record({ walked: fc.nat(300), added: fc.nat(400), removed: fc.nat(100) })
  fc.assert(
    fc.property(fc.nat(1500), fc.array(step, { maxLength: 20 }), (count, steps) => {
      const map = new GrowingMap<number>()
      for (let i = 0; i < count; i++) map.set(i, i)
      const walk = map.values()
      const met: number[] = []
      let [first, last] = [count, count]
      for (const { walked, added, removed } of steps) {
        for (let i = 0; i < walked; i++) {
          const next = walk.next()
          if (next.done !== true) met.push(next.value)
        }
        for (let i = 0; i < added; i++) map.set(last, last++)
        for (let i = 0; i < removed && first < last; i++) map.delete(first++)
      }
      met.push(...walk)
      expect(new Set(met).size).toBe(met.length)
      expect(met.filter((value) => value < count).length).toBe(count)
    }),
    { numRuns: 200 },
  )
})

test('no entry that is added moves more than a few others', () => {
  const map = new GrowingMap<number>()
  const set = vi.spyOn(Map.prototype, 'set')
  let most = 0
  for (let i = 0; i < 50_000; i++) {
    const before = set.mock.calls.length
    map.set(i, i)
    most = Math.max(most, set.mock.calls.length - before)
    if (set.mock.calls.length > 10_000) set.mockClear()
  }
  expect(most).toBeLessThan(512)
})
