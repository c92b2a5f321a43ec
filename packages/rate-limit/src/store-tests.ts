import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ALGORITHMS, type AlgorithmName, type Count, type Rule } from './decide/rule.js'
import { Key } from './limits/key.js'
import { type Act, type Answer, type Line, ONE_PLACE, type Store } from './store/store.js'

/** One thing that every store must do. `run` rejects with an `AssertionError` if it does not. */
export interface StoreCase {
  readonly name: string
  readonly run: (store: Store) => Promise<void>
}

/** Milliseconds: long enough that a busy machine does not end it by itself. */
const LONG = 600_000
const SHORT = 400

interface Given extends Partial<Line> {
  readonly algorithm?: AlgorithmName
  readonly window?: number
  readonly ban?: Rule['ban']
}

/** A line under a name that nothing else has used. */
function line(given: Given = {}): Line {
  const { algorithm = 'sliding-window', window = LONG, ban, limit = 3, ...rest } = given
  const rule: Rule = { name: `case-${randomUUID()}`, algorithm, window, ban, refunds: true }
  const key = Key.ofText(randomUUID(), 0)
  return { rule, key, limit, capacity: limit, cost: 1, shadow: false, ...rest }
}

async function ask(store: Store, act: Act, lines: readonly Line[]): Promise<Answer> {
  const [first] = lines
  const place = first && store.place?.(first)
  return await store.ask(act, lines, place ?? ONE_PLACE)
}

const take = (store: Store, ...lines: readonly Line[]) => ask(store, { do: 'take' }, lines)

async function peek(store: Store, of: Line): Promise<Count> {
  const { counts } = await ask(store, { do: 'peek' }, [of])
  const [count] = counts
  assert(count !== undefined, 'peek says where the key stands')
  return count
}

async function taken(store: Store, times: number, ...lines: readonly Line[]): Promise<number> {
  let done = 0
  for (let i = 0; i < times; i++) if ((await take(store, ...lines)).done) done++
  return done
}

const ofEach: StoreCase[] = ALGORITHMS.flatMap((algorithm) => [
  {
    name: `${algorithm}: takes so many units and no more`,
    run: async (store) => {
      const one = line({ algorithm })
      assert.equal(await taken(store, 6, one), 3)
      assert.equal(await taken(store, 1, { ...one, key: Key.ofText(randomUUID(), 0) }), 1)
      assert.equal(await taken(store, 2, line({ algorithm, limit: 10, cost: 6 })), 1)
    },
  },
  {
    name: `${algorithm}: takes no more of what is asked at once`,
    run: async (store) => {
      const one = line({ algorithm, limit: 20 })
      const answers = await Promise.all(Array.from({ length: 60 }, () => take(store, one)))
      assert.equal(answers.filter(({ done }) => done).length, 20)
    },
  },
  {
    name: `${algorithm}: has room when the time to wait is over`,
    run: async (store) => {
      const one = line({ algorithm, window: SHORT, limit: 2, cost: 2 })
      assert.equal((await take(store, one)).done, true)
      const refused = await take(store, one)
      const wait = refused.counts[0]?.wait ?? 0
      assert(!refused.done && wait > 0 && wait <= SHORT, `waits up to ${SHORT} ms, not ${wait}`)
      await sleep(wait + 5)
      assert.equal((await take(store, one)).done, true)
    },
  },
  {
    name: `${algorithm}: gives back what was taken, and no more`,
    run: async (store) => {
      const one = line({ algorithm })
      const { at } = await take(store, { ...one, cost: 2 })
      await ask(store, { do: 'refund', since: at }, [{ ...one, cost: 2 }])
      assert.equal(Math.ceil((await peek(store, one)).used), 0)
      await ask(store, { do: 'refund', since: at }, [{ ...one, cost: 2 }])
      assert.equal(await taken(store, 6, one), 3)
    },
  },
  {
    name: `${algorithm}: keeps what was charged after the fact, however much it is`,
    run: async (store) => {
      const one = line({ algorithm, limit: 5 })
      for (const cost of [1e15, 1e20]) {
        await ask(store, { do: 'charge' }, [{ ...one, cost }])
        const { done, counts } = await take(store, one)
        const { used = 0, wait = 0, rest = 0 } = counts[0] ?? {}
        assert.equal(done, false)
        assert(used > 5 && wait > 0 && rest > 0, `${used} used, ${wait} and ${rest} ms`)
        assert(Number.isFinite(wait + rest), 'times are numbers')
      }
    },
  },
  {
    name: `${algorithm}: admits no more than its bound under any traffic`,
    run: async (store) => {
      const one = line({ algorithm, window: SHORT, limit: 10 })
      const admitted: number[] = []
      const end = performance.now() + 3 * SHORT
      while (performance.now() < end) {
        const answers = await Promise.all(Array.from({ length: 4 }, () => take(store, one)))
        for (const { done, at } of answers) if (done) admitted.push(at)
        await sleep(Math.random() * 20)
      }
      // A sliding window's bound, and twice as much for the others: see the bound of each.
      const most = algorithm === 'sliding-window' ? 10 : 20
      for (const at of admitted) {
        const within = admitted.filter((other) => other > at - SHORT && other <= at).length
        assert(within <= most, `${within} within ${SHORT} ms`)
      }
    },
  },
])

/** What every store must do: for the test runner of your choice. */
export const storeCases: readonly StoreCase[] = [
  ...ofEach,
  {
    name: 'counts each window of a limit for itself, and apart from limits of similar names',
    run: async (store) => {
      const one = line()
      const { name } = one.rule
      const windows = [60, 600].map((seconds) => ({
        ...one,
        rule: { ...one.rule, name: `${name}\n${seconds}s`, windowOf: name, window: LONG * seconds },
      }))
      const similar = ['', ' 60s', '%0A60s', '\\n60s'].map((end) => ({
        ...one,
        rule: { ...one.rule, name: name + end },
      }))
      for (const each of [...windows, ...similar]) assert.equal(await taken(store, 6, each), 3)
    },
  },
  {
    name: 'takes all lines or none',
    run: async (store) => {
      const key = Key.ofText(randomUUID(), 0)
      const [one, two] = [line({ limit: 5, key }), line({ limit: 2, key })]
      assert.equal(await taken(store, 9, one, two), 2)
      assert.equal((await peek(store, one)).used, 2)
      const refused = await take(store, one, two)
      assert.deepEqual(
        refused.counts.map((count) => (count?.wait ?? 0) > 0),
        [false, true],
      )
    },
  },
  {
    name: 'keeps a bucket that needs longer to be empty than anything lives',
    run: async (store) => {
      const one = line({ limit: 5 })
      const [window, capacity] = [1e13, 999_999_999_999_999]
      const large = line({ algorithm: 'token-bucket', window, limit: 1, capacity, key: one.key })
      assert.equal((await take(store, one, { ...large, cost: 1e12 })).done, true)
      assert.equal((await take(store, one, { ...large, cost: capacity - 1e12 })).done, true)
      assert.equal((await take(store, one, large)).done, false)
      const [used, { rest }] = [(await peek(store, one)).used, await peek(store, large)]
      assert.equal(used, 2)
      assert(rest > 0 && Number.isSafeInteger(Math.ceil(rest)), `empty in ${rest} ms`)
    },
  },
  {
    name: 'says where a key stands, and changes nothing by looking',
    run: async (store) => {
      const one = line({ limit: 5 })
      assert.deepEqual(await peek(store, one), { used: 0, wait: 0, rest: 0, banned: 0 })
      const { counts } = await take(store, { ...one, cost: 2 })
      assert.equal(counts[0]?.used, 2)
      for (let i = 0; i < 3; i++) assert.equal((await peek(store, one)).used, 2)
      const { rest } = await peek(store, one)
      assert(rest > 0 && rest <= LONG)
    },
  },
  {
    name: 'never takes what costs more than there is',
    run: async (store) => {
      const one = line({ limit: 5, cost: 6 })
      assert.equal(await taken(store, 2, one), 0)
      assert.equal((await peek(store, one)).used, 0)
    },
  },
  {
    name: 'lets a shadow refuse nobody, and charges it only where it has room',
    run: async (store) => {
      const real = line({ limit: 4 })
      const shadow = line({ limit: 2, shadow: true, key: real.key })
      assert.equal(await taken(store, 9, real, shadow), 4)
      assert.equal((await peek(store, { ...shadow, shadow: false })).used, 2)
    },
  },
  {
    name: 'enters what was used beyond the limit',
    run: async (store) => {
      const one = line({ limit: 5 })
      await ask(store, { do: 'charge' }, [{ ...one, cost: 8 }])
      assert.equal((await peek(store, one)).used, 8)
      assert.equal((await take(store, one)).done, false)
    },
  },
  {
    name: 'bans a key that goes on asking, for longer each time, and says when it begins',
    run: async (store) => {
      const ban = { after: 2, length: 60_000, backOff: 2, longest: 90_000 }
      const one = line({ limit: 1, ban })
      await take(store, one)
      assert.deepEqual((await take(store, one)).banned, [])
      const second = await take(store, one)
      assert.deepEqual(second.banned, [0])
      assert(Math.abs((second.counts[0]?.banned ?? 0) - 60_000) < 2)
      assert.deepEqual((await take(store, one)).banned, [])
    },
  },
  {
    name: 'bans by hand, and forgets all of a key',
    run: async (store) => {
      const one = line()
      await ask(store, { do: 'ban', length: 60_000 }, [one])
      assert((await peek(store, one)).banned > 0)
      assert.equal((await take(store, one)).done, false)
      await ask(store, { do: 'reset' }, [one])
      assert.deepEqual(await peek(store, one), { used: 0, wait: 0, rest: 0, banned: 0 })
    },
  },
]
