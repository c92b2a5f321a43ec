import { type Act, type Cell, type Cells, cellSize, type Line, perform } from '@truehop/rate-limit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AlgorithmName } from '../../src/decide/rule.js'
import { lineOf, ruleOf } from '../lines.js'

/** The cells of lines, one for each rule, in the plainest form. */
class PlainCells {
  readonly #cells = new Map<string, Cell>()

  of(lines: readonly Line[]): Cells {
    const cell = (i: number): Cell => {
      const line = lines[i]
      if (line === undefined) throw new RangeError(`no line ${i}`)
      const held = this.#cells.get(line.rule.name)
      const made = held ?? { numbers: new Float64Array(cellSize(line.rule)), at: 0 }
      this.#cells.set(line.rule.name, made)
      return made
    }
    return { find: cell, open: cell, forget: (i) => cell(i).numbers.fill(0) }
  }
}

interface Admission {
  readonly at: number
  readonly units: number
}

/** Units admitted in (end - length, end], over an exact log. */
function unitsIn(log: readonly Admission[], end: number, length: number): number {
  return log
    .filter(({ at }) => at > end - length && at <= end)
    .reduce((sum, { units }) => sum + units, 0)
}

const arrivals = fc.array(
  fc.record({
    after: fc.oneof(
      fc.nat(3),
      fc.nat(300),
      fc.nat(3000),
      fc.double({ min: 0, max: 50, noNaN: true }),
    ),
    cost: fc.integer({ min: 1, max: 4 }),
  }),
  { maxLength: 150 },
)
const WINDOW = 1000

/** Asks at all arrivals, and keeps a log of what was admitted and of what was asked. */
function run(
  algorithm: AlgorithmName,
  limit: number,
  calls: readonly { readonly after: number; readonly cost: number }[],
  capacity = limit,
) {
  const cells = new PlainCells()
  const rule = ruleOf(algorithm, WINDOW)
  const admitted: Admission[] = []
  const asked: (Admission & { readonly done: boolean; readonly wait: number })[] = []
  let now = 5
  for (const { after, cost } of calls) {
    now += after
    const lines = [lineOf(rule, limit, undefined, { cost, capacity })]
    const { done, counts } = perform({ do: 'take' }, lines, cells.of(lines), now)
    if (done) admitted.push({ at: now, units: cost })
    asked.push({ at: now, units: cost, done, wait: counts[0]?.wait ?? 0 })
  }
  return { admitted, asked, cells, rule }
}

describe('sliding-window', () => {
  test('admits no more than the limit in any interval of a window', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 12 }), (calls, limit) => {
        const { admitted } = run('sliding-window', limit, calls)
        for (const { at } of admitted) {
          expect(unitsIn(admitted, at, WINDOW)).toBeLessThanOrEqual(limit)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('refuses only what an interval longer by an eighth has no room for', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 12 }), (calls, limit) => {
        const { admitted, asked } = run('sliding-window', limit, calls)
        for (const { at, units, done } of asked) {
          if (done) continue
          const before = admitted.filter((one) => one.at <= at)
          expect(unitsIn(before, at, WINDOW * (1 + 1 / 8)) + units).toBeGreaterThan(limit)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('admits at least 8/9 of the limit in each window under a load that never pauses', () => {
    const calls = Array.from({ length: 30_000 }, () => ({ after: 1, cost: 1 }))
    const { admitted } = run('sliding-window', 90, calls)
    expect(admitted.length).toBeGreaterThanOrEqual(80 * 30)
    expect(admitted.length).toBeLessThanOrEqual(90 * 31)
  })

  test('has room for a burst again a window later, and not a moment later', () => {
    const burst = Array.from({ length: 10 }, () => ({ after: 0, cost: 1 }))
    const again = [{ after: WINDOW, cost: 1 }, ...burst.slice(1)]
    const { admitted } = run('sliding-window', 10, [...burst, ...again])
    expect(admitted).toHaveLength(20)
  })
})

describe('token-bucket', () => {
  test('admits no more than the burst and what came back, in any interval', () => {
    fc.assert(
      fc.property(
        arrivals,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (calls, limit, burst) => {
          const { admitted } = run('token-bucket', limit, calls, burst)
          for (const from of admitted) {
            for (const to of admitted) {
              if (to.at < from.at) continue
              const units = unitsIn(admitted, to.at, to.at - from.at + 1e-9)
              const bound = burst + (limit * (to.at - from.at)) / WINDOW
              expect(units).toBeLessThanOrEqual(bound + 1e-6)
            }
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  test('refuses only where the bucket of the slow reference is full', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 4, max: 12 }), (calls, limit) => {
        const { asked } = run('token-bucket', limit, calls)
        // GCRA as ITU-T I.371 has it, by theoretical arrival time.
        let tat = 0
        for (const { at, units, done } of asked) {
          const next = Math.max(tat, at) + (units * WINDOW) / limit
          const over = next - at - WINDOW
          if (Math.abs(over) > 1e-6) expect(done).toBe(over < 0)
          if (done) tat = next
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('token-bucket, on a clock that was set back', () => {
  test('gives back no more than was taken', () => {
    const cells = new PlainCells()
    const lines = [lineOf(ruleOf('token-bucket', WINDOW), 5)]
    const ask = (act: Act, now: number) => perform(act, lines, cells.of(lines), now)
    ask({ do: 'take' }, 1_000_000)
    ask({ do: 'take' }, 1_000_000)
    const { counts } = ask({ do: 'refund', since: 1_000_000 }, 999_000)
    expect(counts[0]?.used).toBe(1)
  })
})

describe('fixed-window', () => {
  test('admits no more than the limit in each window that begins with a unit', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 4, max: 12 }), (calls, limit) => {
        const { asked } = run('fixed-window', limit, calls)
        let begin = Number.NEGATIVE_INFINITY
        let units = 0
        for (const one of asked) {
          if (one.at - begin >= WINDOW) {
            begin = one.at
            units = 0
          }
          expect(one.done).toBe(units + one.units <= limit)
          if (one.done) units += one.units
        }
      }),
      { numRuns: 300 },
    )
  })
})

const ALGORITHMS = ['sliding-window', 'token-bucket', 'fixed-window'] as const

describe.each(ALGORITHMS)('%s', (algorithm) => {
  test('has room when the time it says to wait is over, and not before', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 4, max: 12 }), (calls, limit) => {
        const { asked, cells, rule } = run(algorithm, limit, calls)
        const last = asked.at(-1)
        if (last === undefined || last.done) return
        const lines = [lineOf(rule, limit, undefined, { cost: last.units })]
        const peek = (at: number) => perform({ do: 'peek' }, lines, cells.of(lines), at).counts[0]
        expect(peek(last.at + last.wait + 1e-6)?.wait).toBe(0)
        expect(peek(last.at + last.wait - 1e-3)?.wait).toBeGreaterThan(0)
      }),
      { numRuns: 300 },
    )
  })

  test('gives units back at most once: the rest of the log holds the bound', () => {
    const steps = fc.array(
      fc.record({
        after: fc.nat(400),
        cost: fc.integer({ min: 1, max: 3 }),
        back: fc.boolean(),
        later: fc.nat(1500),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(steps, fc.integer({ min: 3, max: 8 }), (calls, limit) => {
        const cells = new PlainCells()
        const rule = ruleOf(algorithm, WINDOW)
        const kept: Admission[] = []
        const returns: { at: number; since: number; units: number }[] = []
        let now = 1
        for (const { after, cost, back, later } of calls) {
          now += after
          for (const one of returns.filter(({ at }) => at <= now)) {
            returns.splice(returns.indexOf(one), 1)
            const lines = [lineOf(rule, limit, undefined, { cost: one.units })]
            perform({ do: 'refund', since: one.since }, lines, cells.of(lines), now)
          }
          const lines = [lineOf(rule, limit, undefined, { cost })]
          if (!perform({ do: 'take' }, lines, cells.of(lines), now).done) continue
          if (back) returns.push({ at: now + later, since: now, units: cost })
          else kept.push({ at: now, units: cost })
        }
        const most = {
          'sliding-window': limit,
          'token-bucket': 2 * limit,
          'fixed-window': 2 * limit,
        }
        for (const { at } of kept) {
          expect(unitsIn(kept, at, WINDOW)).toBeLessThanOrEqual(most[algorithm])
        }
      }),
      { numRuns: 300 },
    )
  })

  test('takes nothing from any line where one has no room', () => {
    const cells = new PlainCells()
    const one = lineOf(ruleOf(algorithm, WINDOW, { name: 'one' }), 5)
    const two = lineOf(ruleOf(algorithm, WINDOW, { name: 'two' }), 1)
    perform({ do: 'take' }, [one, two], cells.of([one, two]), 10)
    const refused = perform({ do: 'take' }, [one, two], cells.of([one, two]), 10)
    expect(refused.done).toBe(false)
    expect(refused.counts.map((count) => count?.used)).toEqual([1, 1])
  })

  test('goes on when the clock was set back: nobody waits longer than a window', () => {
    const cells = new PlainCells()
    const lines = [lineOf(ruleOf(algorithm, WINDOW), 1)]
    perform({ do: 'take' }, lines, cells.of(lines), 1_000_000)
    const { done, counts } = perform({ do: 'take' }, lines, cells.of(lines), 10_000)
    expect(done).toBe(false)
    expect(counts[0]?.wait).toBeLessThanOrEqual(WINDOW)
    const later = 10_000 + (counts[0]?.wait ?? 0)
    expect(perform({ do: 'take' }, lines, cells.of(lines), later).done).toBe(true)
  })
})

describe('a ban', () => {
  const ban = { after: 3, length: 5000, backOff: 2, longest: 12_000 }

  test('comes after a number of refusals, and each further one is longer, up to the longest', () => {
    const cells = new PlainCells()
    const lines = [lineOf(ruleOf('sliding-window', WINDOW, { ban }), 1)]
    const ask = (at: number) => perform({ do: 'take' }, lines, cells.of(lines), at)
    const lengths: number[] = []
    let now = 10_000
    for (let i = 0; i < 4; i++) {
      let answer = ask(now)
      expect(answer.done).toBe(true)
      for (let refusal = 1; refusal <= 3; refusal++) answer = ask(now)
      expect(answer.banned).toEqual([0])
      lengths.push(answer.counts[0]?.banned ?? 0)
      now += lengths.at(-1) ?? 0
    }
    expect(lengths).toEqual([5000, 10_000, 12_000, 12_000])
  })

  test('is forgotten for a client that behaves for as long again', () => {
    const cells = new PlainCells()
    const lines = [lineOf(ruleOf('sliding-window', WINDOW, { ban }), 1)]
    const offend = (at: number) => {
      let answer = perform({ do: 'take' }, lines, cells.of(lines), at)
      for (let i = 0; i < 3; i++) answer = perform({ do: 'take' }, lines, cells.of(lines), at)
      return answer.counts[0]?.banned
    }
    expect(offend(10_000)).toBe(5000)
    expect(offend(10_000 + 5000 + 5000)).toBe(5000)
  })
})
