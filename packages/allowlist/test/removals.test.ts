import { parsePrefix } from '@truehop/ip'
import { expect, test } from 'vitest'
import { collectGarbage } from '../../../test/soak/garbage.js'
import { Removals } from '../src/shared/removals.js'

const prefixOf = (n: number) => parsePrefix(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)

test('the 50,000 latest removals are remembered, whatever was noted again or forgotten', () => {
  const removals = new Removals()
  const order = new Set<number>()
  const note = (n: number): void => {
    const [prefix, removed] = [prefixOf(n), 1 + order.size]
    removals.note({ prefix, removed, expires: undefined, about: '{}' })
    order.delete(n)
    order.add(n)
    const [oldest] = order
    if (order.size > 50_000 && oldest !== undefined) order.delete(oldest)
  }
  for (let n = 0; n < 50_100; n++) note(n)
  for (let n = 200; n < 50_000; n += 997) note(n)
  for (let n = 150; n < 60_000; n += 1009) {
    removals.forget(prefixOf(n))
    order.delete(n)
  }
  for (let n = 60_000; n < 60_400; n++) note(n)
  expect(removals.size).toBe(order.size)
  expect([...removals.values()].map(({ prefix }) => prefix.text)).toEqual(
    [...order].map((n) => prefixOf(n).text),
  )
})

test('what was forgotten is held by nothing, though there were never too many removals', async () => {
  const removals = new Removals()
  const note = (n: number): WeakRef<object> => {
    const prefix = prefixOf(n)
    removals.note({ prefix, removed: n, expires: undefined, about: '{}' })
    return new WeakRef(prefix)
  }
  // The map outgrows several tables while the first ones are in it.
  const noted = Array.from({ length: 2000 }, (_, n) => note(n))
  for (let n = 0; n < 2000; n++) removals.forget(prefixOf(n))
  for (let n = 2000; n < 3000; n++) note(n)
  await new Promise((turn) => setImmediate(turn))
  collectGarbage()
  expect(noted.filter((one) => one.deref() !== undefined).length).toBe(0)
})
