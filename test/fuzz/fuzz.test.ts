import { describe, expect, test } from 'vitest'
import { randomFrom } from './random.js'
import { targets } from './targets.js'

/** The short form of `pnpm fuzz`: the corpus and some inputs made of it, the same ones every time. */
const INPUTS = 5000

const NAMES = ['decode', 'forwarded', 'addresses', 'policy', 'ranges', 'audit']

describe('nothing throws, hangs or disagrees with the slow reference', () => {
  test.each(NAMES)('%s', async (name) => {
    const target = targets.find((one) => one.name === name)
    const outcome = await target?.run({ seed: 7, inputs: INPUTS, seconds: Infinity })
    expect(outcome?.inputs).toBe(INPUTS)
    // Inputs that all come to the same would test nothing.
    expect(outcome?.kinds.size).toBeGreaterThan(10)
  })

  test.each(NAMES)('%s, whatever the bytes that another fuzzer makes', async (name) => {
    const target = targets.find((one) => one.name === name)
    const random = randomFrom(11)
    for (let left = 500; left > 0; left--) {
      await target?.check(Uint8Array.from({ length: random(64) }, () => random(256)))
    }
  })

  test('of all targets there are', () => {
    expect(targets.map(({ name }) => name)).toEqual(NAMES)
  })
})
