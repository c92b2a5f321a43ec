import { Address, Prefix } from '@truehop/ip'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { GrowingMap } from '../src/growing-map.js'
import { PrefixTable } from '../src/prefix-table.js'

const { set } = Map.prototype
afterEach(() => {
  Map.prototype.set = set
})

const key = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.integer({ min: 0, max: 200 }).map((n) => `2001db8:0:0:${n.toString(36)}`),
)
const change = fc.record({ kind: fc.constantFrom('set', 'set', 'delete'), key, value: fc.nat(5) })

test('a growing map answers like a map, and walks over what is in it', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 1500, size: 'max' }), (changes) => {
      const [map, reference] = [new GrowingMap<number>(), new Map<string | number, number>()]
      const answers: unknown[] = []
      const expected: unknown[] = []
      for (const { kind, key, value } of changes) {
        const isIn = reference.has(key)
        if (kind === 'set') {
          reference.set(key, value)
          answers.push(map.set(key, value))
          expected.push(!isIn)
        } else {
          reference.delete(key)
          answers.push(map.delete(key))
          expected.push(isIn)
        }
        answers.push(map.get(key), map.size)
        expected.push(reference.get(key), reference.size)
      }
      expect(answers).toEqual(expected)
      expect([...map.values()].sort()).toEqual([...reference.values()].sort())
    }),
    { numRuns: 50 },
  )
})

const step = fc.record({ walk: fc.nat(200), add: fc.nat(300), remove: fc.array(fc.nat(2000)) })

test('a walk meets what stays, once each, and nothing that is gone, while buckets divide', () => {
  fc.assert(
    fc.property(fc.nat(1500), fc.array(step, { maxLength: 20 }), (count, steps) => {
      const map = new GrowingMap<number>()
      const [held, met, gone] = [new Set<number>(), new Set<number>(), new Set<number>()]
      const wrong: number[] = []
      const add = (n: number): void => {
        if (map.set(n, n)) held.add(n)
      }
      for (let n = 0; n < count; n++) add(n)
      const walk = map.values()
      const meet = (most: number): void => {
        for (let i = 0; i < most; i++) {
          const { value, done } = walk.next()
          if (done === true) return
          if (!held.has(value) || met.has(value)) wrong.push(value)
          met.add(value)
        }
      }
      for (const { walk: most, add: added, remove } of steps) {
        meet(most)
        for (let i = 0; i < added; i++) add(2000 + held.size + gone.size)
        for (const n of remove) {
          map.delete(n)
          if (held.delete(n)) gone.add(n)
        }
      }
      meet(Number.POSITIVE_INFINITY)
      expect(wrong).toEqual([])
      const stayed = Array.from({ length: count }, (_, n) => n).filter((n) => !gone.has(n))
      expect(stayed.filter((n) => !met.has(n))).toEqual([])
    }),
    { numRuns: 100 },
  )
})

test('no map grows large, so that none keeps anybody waiting while it moves its entries', () => {
  let largest = 0
  // No mock of the test runner, which keeps each of the million calls.
  Map.prototype.set = function (this: Map<unknown, unknown>, key: unknown, value: unknown) {
    set.call(this, key, value)
    largest = Math.max(largest, this.size)
    return this
  }
  const table = new PrefixTable<number>()
  for (let i = 0; i < 200_000; i++) {
    table.set(Prefix.of(Address.ipv4(0x0b000000 + i), 32), i)
    table.set(Prefix.of(Address.ipv6(0x20010db8, i, 0, 0), 64), i)
  }
  Map.prototype.set = set
  expect(table.size).toBe(400_000)
  expect(largest).toBeGreaterThan(10)
  expect(largest).toBeLessThan(300)
})
