import { describe, expect, test } from 'vitest'
import { PAIR_TARGETS } from '../src/pair/targets/index.js'
import { fileWriter, truehop } from './command-line.js'

const write = fileWriter()
const TRUST = ['10.0.0.0/8']

/** `token` of RFC 9110 section 5.6.2, but for letters and digits. */
const ODD = [..."!#$%&'*+.^`|~"]

/** A rule whose header the hop writes, and one whose header it clears. */
const asserting = (name: string) => ({
  hops: [{ from: TRUST, asserts: name, custom: true }],
})
const clearing = (name: string) => ({
  hops: [
    { from: TRUST, asserts: 'x-forwarded-for' },
    { from: ['192.0.2.1'], asserts: name, custom: true },
  ],
})

async function pair(policy: unknown, target: string) {
  const path = write('policy.json', policy)
  return await truehop([
    'pair',
    '--policy',
    path,
    '--target',
    target,
    '--upstream',
    '10.0.1.7:3000',
  ])
}

const able = (sends: string) =>
  PAIR_TARGETS.filter((target) => target.sends.some((one) => one === sends)).map(({ name }) => name)

describe('a header whose name is syntax in a configuration', () => {
  test.each(able('single'))('is not written for %s', async (target) => {
    for (const odd of ODD) {
      const { code, out, err } = await pair(asserting(`x-who${odd}is`), target)
      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(/cannot (be written|write)/)
    }
  })

  test.each(able('x-forwarded-for'))('is not cleared by %s', async (target) => {
    for (const odd of ODD) {
      const { code, out } = await pair(clearing(`x-who${odd}is`), target)
      // Some leave alone what the policy does not believe of this hop.
      if (code === 0) expect(out.toLowerCase()).not.toContain('x-who')
      else expect([code, out]).toEqual([2, ''])
    }
  })

  test('is named, with what to do', async () => {
    const { err } = await pair(asserting('x-who$is'), 'nginx')
    expect(err).toContain('the header x-who$is cannot be written for nginx')
    expect(err).toContain('a header of another name')
  })

  test.each(able('single'))('is fine for %s where it is a word', async (target) => {
    const { code, out, err } = await pair(asserting('x-seen_by-2'), target)
    if (code === 2) expect(err).toContain('let the policy read')
    else expect(out.toLowerCase()).toContain('x-seen_by-2')
  })
})
