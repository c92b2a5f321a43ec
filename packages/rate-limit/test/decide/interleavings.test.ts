import {
  type Act,
  type Answer,
  type Line,
  type Place,
  RateLimiter,
  type Store,
} from '@truehop/rate-limit'
import { describe, expect, test } from 'vitest'
import { MemoryStore } from '../../src/store/memory-store.js'
import { client } from '../identities.js'

/** What becomes of an act on the store that fails. */
const LOSSES = ['lost before', 'lost after'] as const
type Fate = 'done' | (typeof LOSSES)[number]

interface Pending {
  readonly store: string
  /** The first thing that a request does. */
  readonly isFirst: boolean
  readonly act: Act
  readonly run: (fate: Fate) => void
}

const REQUESTS = 3

/** Two stores behind one interface, that do nothing until they are told to, in any order. */
class SteppedStore implements Store {
  readonly kind = 'stepped'
  readonly pending: Pending[] = []
  readonly counters = { A: new MemoryStore(1000), B: new MemoryStore(1000) }
  #asked = 0

  /** What can be next. Requests are alike: of those that have not begun, one stands for all. */
  get candidates(): readonly Pending[] {
    const first = this.pending.find(({ isFirst }) => isFirst)
    return this.pending.filter((step) => step === first || !step.isFirst)
  }

  take(step: Pending): void {
    this.pending.splice(this.pending.indexOf(step), 1)
  }

  place({ rule }: Line): Place {
    return { group: rule.name, node: rule.name }
  }

  ask(act: Act, lines: readonly Line[], { group }: Place): Promise<Answer> {
    const memory = group === 'B' ? this.counters.B : this.counters.A
    return new Promise((resolve, reject) => {
      const run = (fate: Fate): void => {
        const answer = fate === 'lost before' ? undefined : memory.ask(act, lines)
        if (fate === 'done' && answer !== undefined) resolve(answer)
        else reject(new Error(fate))
      }
      this.pending.push({ store: group, isFirst: this.#asked++ < REQUESTS, act, run })
    })
  }
}

/** One way through all choices; the first that was not taken is tried next. */
class Schedule {
  readonly #taken: { at: number; of: number }[] = []
  #depth = 0

  begin(): void {
    this.#depth = 0
  }

  choose(of: number): number {
    const known = this.#taken[this.#depth] ?? { at: 0, of }
    this.#taken[this.#depth++] = known
    return known.at
  }

  /** Moves on to the next schedule; false where there is none. */
  next(): boolean {
    this.#taken.length = this.#depth
    for (let last = this.#taken.pop(); last !== undefined; last = this.#taken.pop()) {
      if (last.at + 1 >= last.of) continue
      this.#taken.push({ at: last.at + 1, of: last.of })
      return true
    }
    return false
  }
}

const ONE = client('198.51.100.7')

/** Lets everything run that waits for nothing but promises. */
async function settled(): Promise<void> {
  for (let i = 0; i < 8; i++) await Promise.resolve()
}

interface Ending {
  readonly admitted: number
  readonly usedA: number
  readonly usedB: number
  readonly lostTakes: number
  readonly lostRefunds: number
}

/** Three requests against limits of 2 and 1 in two places, of which B may fail. */
async function play(schedule: Schedule, fates: readonly Fate[], limitA: number, limitB: number) {
  const store = new SteppedStore()
  const limits = [
    { name: 'A', limit: limitA, window: 600 },
    { name: 'B', limit: limitB, window: 600 },
  ]
  const limiter = new RateLimiter<object>({ limits, store, onStoreError: 'deny', deadline: 60_000 })
  const decisions = Array.from({ length: REQUESTS }, () => limiter.decide(ONE, {}))
  let lostTakes = 0
  let lostRefunds = 0
  await settled()
  while (store.pending.length > 0) {
    const step = store.candidates[schedule.choose(store.candidates.length)]
    if (step === undefined) throw new Error('a choice that there is not')
    store.take(step)
    const fate = step.store === 'B' ? (fates[schedule.choose(fates.length)] ?? 'done') : 'done'
    if (fate === 'lost after' && step.act.do === 'take') lostTakes++
    if (fate !== 'done' && step.act.do === 'refund') lostRefunds++
    step.run(fate)
    await settled()
  }
  const all = await Promise.all(decisions)
  const admitted = all.filter((decision) => decision.allowed).length
  const peek = limits.map(async ({ name }) => {
    const memory = name === 'A' ? store.counters.A : store.counters.B
    const reader = new RateLimiter<object>({ name, limit: 1000, window: 600, store: memory })
    const decision = await reader.decide(ONE, {})
    return 999 - (decision.standings[0]?.remaining ?? 0)
  })
  const [usedA = 0, usedB = 0] = await Promise.all(peek)
  return { admitted, usedA, usedB, lostTakes, lostRefunds } satisfies Ending
}

async function explore(
  fates: readonly Fate[],
  limits: readonly [number, number],
  check: (ending: Ending) => void,
): Promise<number> {
  const schedule = new Schedule()
  let schedules = 0
  do {
    schedule.begin()
    check(await play(schedule, fates, ...limits))
    schedules++
  } while (schedule.next())
  return schedules
}

describe('all schedules of three requests over two limits in two places', () => {
  test.each([
    [1, 2],
    [2, 1],
    [2, 2],
  ] as const)(
    'limits %i and %i: none admits more, charges a refused request or loses a refund',
    async (a, b) => {
      const schedules = await explore(['done'], [a, b], ({ admitted, usedA, usedB }) => {
        expect(admitted).toBeLessThanOrEqual(Math.min(a, b))
        expect([usedA, usedB]).toEqual([admitted, admitted])
      })
      expect(schedules).toBeGreaterThan(250)
    },
  )

  // All three at once are for the longer runs: TRUEHOP_RUNS of any number explores that as well.
  const mixed = process.env['TRUEHOP_RUNS'] === undefined ? [] : [['done', ...LOSSES] as const]
  const cases: (readonly Fate[])[] = [...LOSSES.map((loss) => ['done', loss] as const), ...mixed]

  test.each(cases.map((fates) => ({ fates })))(
    'where one place is $fates it counted: what could be told is told',
    async ({ fates }) => {
      const schedules = await explore(fates, [2, 2], (ending) => {
        expect(ending.admitted).toBeLessThanOrEqual(2)
        // The place that lives has exactly what was admitted.
        expect(ending.usedA).toBe(ending.admitted)
        // The other one never less, and more only by answers that were lost.
        expect(ending.usedB).toBeGreaterThanOrEqual(ending.admitted)
        expect(ending.usedB).toBeLessThanOrEqual(
          ending.admitted + ending.lostTakes + ending.lostRefunds,
        )
      })
      expect(schedules).toBeGreaterThan(5_000)
    },
    240_000,
  )
})
