import { expect, test } from 'vitest'
import { defineAllowlist } from '../src/index.js'
import { clientAt } from './identities.js'

const COUNT = 1_000_000
const FIRST = 0x40000000

const dotted = (n: number) => `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`

/** Every other /28 from 64.0.0.0 on: an address is listed if its sixteen is an even one. */
const everyOther = (offset: number) =>
  Array.from({ length: COUNT }, (_, i) => `${dotted(FIRST + i * 32 + offset)}/28`)

const samples = Array.from({ length: 5000 }, (_, i) => (i * 7919 * 101) % (COUNT * 32))

test('a million prefixes decide as arithmetic says, before and after a hot swap', async () => {
  const list = defineAllowlist({ deny: everyOther(0) })
  expect(list.size('deny')).toBe(COUNT)
  const verdicts = () => samples.map((n) => list.decide(clientAt(dotted(FIRST + n))))
  const isEven = (n: number) => Math.floor(n / 16) % 2 === 0

  for (const [i, { allowed, entry }] of verdicts().entries()) {
    const n = samples[i] ?? 0
    expect({ allowed, entry }).toEqual({
      allowed: !isEven(n),
      entry: isEven(n) ? `${dotted(FIRST + n - (n % 16))}/28` : undefined,
    })
  }
  await list.replace({ deny: everyOther(16) })
  expect(verdicts().map(({ allowed }) => allowed)).toEqual(samples.map(isEven))
})
