import { type Act, type Answer, type Cell, cellSize, type Line, perform } from '@truehop/rate-limit'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Key } from '../../packages/rate-limit/src/limits/key.js'
import { RedisBatch } from '../../packages/rate-limit/src/store/redis/redis-batch.js'
import { SCRIPT } from '../../packages/rate-limit/src/store/redis/redis-script.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { RedisServer } from './harness/redis-server.js'

/** Longer than a test takes, so that no key ends on the server's own clock. Milliseconds. */
const WINDOW = 800_000
const BAN = { after: 2, length: 300_000, backOff: 2, longest: 2_000_000 }

/** The script on a clock of ours. */
const TIMED = SCRIPT.replace("call('TIME')", '{ ARGV[2], ARGV[3] }')

interface Asked {
  /** Milliseconds since the call before. */
  readonly after: number
  readonly acts: readonly {
    readonly act: Act
    readonly lines: readonly {
      readonly rule: number
      readonly cost: number
      readonly shadow: boolean
    }[]
  }[]
}

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Act>({ do: 'take' }) },
  fc.constant<Act>({ do: 'peek' }),
  fc.constant<Act>({ do: 'charge' }),
  fc.constant<Act>({ do: 'refund', since: -1 }),
  fc.nat(900).map((ago): Act => ({ do: 'refund', since: -2 - ago })),
  { weight: 1, arbitrary: fc.constant<Act>({ do: 'reset' }) },
  { weight: 1, arbitrary: fc.constant<Act>({ do: 'ban', length: 100_000 }) },
)
const line = fc.record({
  rule: fc.nat(5),
  cost: fc.constantFrom(1, 1, 1, 2, 7, 0),
  shadow: fc.constantFrom(false, false, false, true),
})
const calls: fc.Arbitrary<Asked[]> = fc.array(
  fc.record({
    after: fc.oneof(fc.nat(1000), fc.nat(WINDOW / 4), fc.nat(WINDOW * 2)),
    acts: fc.array(
      fc.record({
        act,
        lines: fc.uniqueArray(line, { selector: ({ rule }) => rule, minLength: 1 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  }),
  { minLength: 10, maxLength: 50 },
)

describeWithPeers(['redis'], 'the script and what counts in memory', () => {
  let server: RedisServer
  let redis: Redis

  beforeAll(async () => {
    server = await RedisServer.start()
    redis = new Redis({ host: '127.0.0.1', port: server.port })
  })

  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })

  async function run(batch: RedisBatch, now: number): Promise<void> {
    const { keys, argument } = batch
    const time = [String(Math.floor(now / 1000)), String((now % 1000) * 1000)]
    batch.resolve(await redis.eval(TIMED, keys.length, ...keys, argument, ...time))
  }

  test('say the same of the same acts at the same times, batched or not', async () => {
    let runs = 0
    let taken = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(calls, async (asked) => {
        const lines = linesOf(++runs)
        const cells = new Map<string, Cell>()
        let now = 10_000_000
        for (const { after, acts } of asked) {
          now += after
          const batch = new RedisBatch()
          const said: Promise<Answer>[] = []
          const expected: Answer[] = []
          for (const one of inOrderOfTheScript(acts)) {
            const of = one.lines.map(({ rule, ...rest }) => ({ ...lines(rule), ...rest }))
            const { act } = one
            const ago = act.do === 'refund' && act.since < -1 ? -2 - act.since : undefined
            const timed: Act = ago === undefined ? act : { do: 'refund', since: now - ago * 1000 }
            said.push(batch.add(timed, of, ({ rule }) => rule.name))
            expected.push(inMemory(timed, of, cells, now))
          }
          await run(batch, now)
          const answers = await Promise.all(said)
          for (const [i, answer] of answers.entries()) {
            expectAlike(answer, expected[i])
            if (answer.done) taken++
            else refused++
          }
        }
      }),
      { numRuns: 60, endOnFailure: true },
    )
    expect(Math.min(taken, refused)).toBeGreaterThan(500)
  })

  test('say the same of clients that ask now and then, and have room', async () => {
    const steps = fc.array(fc.record({ after: fc.nat(WINDOW / 4), both: fc.boolean() }), {
      minLength: 20,
      maxLength: 30,
    })
    let runs = 50_000
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(2), async (asked, which) => {
        const lines = linesOf(++runs)
        const cells = new Map<string, Cell>()
        let now = 10_000_000
        for (const { after, both } of asked) {
          now += after
          const of = (both ? [which, 3] : [which]).map((i) => ({ ...lines(i), capacity: 100 }))
          const batch = new RedisBatch()
          const said = batch.add({ do: 'take' }, of, ({ rule }) => rule.name)
          await run(batch, now)
          expectAlike(await said, inMemory({ do: 'take' }, of, cells, now))
        }
      }),
      { numRuns: 40, endOnFailure: true },
    )
  })

  test.each([0, 1, 2])('count nothing where a new key is asked for nothing: %i', async (rule) => {
    const line = { ...linesOf(20_000)(rule), cost: 0 }
    const batch = new RedisBatch()
    const said = batch.add({ do: 'take' }, [line], ({ rule: { name } }) => name)
    await run(batch, 5 * WINDOW)
    expect(await said).toMatchObject({ done: true, counts: [{ used: 0, wait: 0, rest: 0 }] })
    expect(await redis.exists(line.rule.name)).toBe(0)
  })

  test('keep a bucket for as long as its slowest plan needs it', async () => {
    const slow = { ...linesOf(70_000)(1), limit: 1, capacity: 10, cost: 10 }
    for (const line of [slow, { ...slow, limit: 1000, cost: 1 }]) {
      const batch = new RedisBatch()
      const said = batch.add({ do: 'charge' }, [line], ({ rule: { name } }) => name)
      await run(batch, 5 * WINDOW)
      await said
    }
    expect(await redis.pttl(slow.rule.name)).toBeGreaterThan(9 * WINDOW)
  })

  test('give back no more than was taken where the clock was set back', async () => {
    const line = linesOf(40_000)(1)
    const used: (number | undefined)[] = []
    for (const [act, now] of [
      [{ do: 'take' }, 5 * WINDOW],
      [{ do: 'take' }, 5 * WINDOW],
      [{ do: 'refund', since: 5 * WINDOW }, 4 * WINDOW],
    ] as const) {
      const batch = new RedisBatch()
      const said = batch.add(act, [line], ({ rule: { name } }) => name)
      await run(batch, now)
      used.push((await said).counts[0]?.used)
    }
    expect(used).toEqual([1, 2, 1])
  })

  test('decide more keys at once than fit onto the stack of Lua', async () => {
    const batch = new RedisBatch()
    const line = linesOf(60_000)(0)
    const said = Array.from({ length: 60 }, (_, i) => {
      const keys = Array.from({ length: 150 }, (_, j) => Key.ofText(`many ${i} ${j}`, 0))
      const lines = keys.map((key) => ({ ...line, key }))
      return batch.add({ do: 'take' }, lines, ({ key }) => key.text)
    })
    await run(batch, 5 * WINDOW)
    expect(new Set((await Promise.all(said)).map(({ done }) => done))).toEqual(new Set([true]))
  })

  test('refuse what is a rounding error over the capacity', async () => {
    const line = { ...linesOf(30_000)(1), limit: 16, capacity: 8 }
    const level = 7 + 4 * Number.EPSILON
    expect([level > 7, level + 1]).toEqual([true, 8])
    const done: boolean[] = []
    for (const [act, cost] of [
      ['charge', level],
      ['take', 1],
    ] as const) {
      const batch = new RedisBatch()
      const said = batch.add({ do: act }, [{ ...line, cost }], ({ rule: { name } }) => name)
      await run(batch, 5 * WINDOW)
      done.push((await said).done)
    }
    expect(done).toEqual([true, false])
  })

  test.each([0, 1, 2])(
    'let nobody wait longer than a window where the clock was set back: %i',
    async (rule) => {
      const line = linesOf(10_000)(rule)
      const admitted: boolean[] = []
      for (const now of [5 * WINDOW, 2 * WINDOW, 2 * WINDOW + 1, 3 * WINDOW + 2]) {
        for (let i = 0; i < line.capacity + 1; i++) {
          const batch = new RedisBatch()
          const said = batch.add({ do: 'take' }, [line], ({ rule: { name } }) => name)
          await run(batch, now)
          const { done, counts } = await said
          admitted.push(done)
          expect(counts[0]?.wait).toBeLessThanOrEqual(WINDOW)
        }
      }
      // All of the first moment, and all again a window after the clock was set back.
      const most = line.capacity
      expect(admitted.filter(Boolean).length).toBeLessThanOrEqual(2 * most)
      expect(admitted.slice(0, most)).toEqual(Array(most).fill(true))
      expect(admitted.slice(-most - 1, -1)).toEqual(Array(most).fill(true))
    },
  )
})

/** Takes of something, without a shadow, form by form; then all else. */
function inOrderOfTheScript(acts: Asked['acts']): Asked['acts'][number][] {
  const isForm = (one: Asked['acts'][number]) =>
    one.act.do === 'take' && one.lines.every(({ shadow, cost }) => !shadow && cost > 0)
  const formOf = ({ lines }: Asked['acts'][number]) => JSON.stringify(lines)
  const forms = [...new Set(acts.filter(isForm).map(formOf))]
  const ordered = forms.flatMap((form) => acts.filter((one) => isForm(one) && formOf(one) === form))
  return [...ordered, ...acts.filter((one) => !isForm(one))]
}

/** Two rules of each algorithm, of which one bans, all under keys of this run. */
function linesOf(run: number): (rule: number) => Line {
  const algorithms = ['sliding-window', 'token-bucket', 'fixed-window'] as const
  const made = [0, 1, 2, 3, 4, 5].map((i): Line => {
    const algorithm = algorithms[i % 3] ?? 'sliding-window'
    const ban = i < 3 ? undefined : BAN
    const rule = { name: `${run}-${i}`, algorithm, window: WINDOW, ban, refunds: true }
    const key = Key.ofText('one', 0)
    return { rule, key, limit: 4 + i, capacity: 4 + i, cost: 1, shadow: false }
  })
  return (rule) => made[rule] ?? made[0] ?? missing()
}

function missing(): never {
  throw new Error('no such rule')
}

function inMemory(act: Act, lines: readonly Line[], cells: Map<string, Cell>, now: number): Answer {
  const of = (i: number): Cell => {
    const { rule } = lines[i] ?? missing()
    const cell = cells.get(rule.name) ?? { numbers: new Float64Array(cellSize(rule)), at: 0 }
    cells.set(rule.name, cell)
    return cell
  }
  return perform(act, lines, { find: of, open: of, forget: (i) => of(i).numbers.fill(0) }, now)
}

/** But for a millisecond: floating point may leave something over, which the script rounds up. */
function expectAlike(answer: Answer, expected: Answer | undefined): void {
  const words = (of: Answer | undefined) => ({
    done: of?.done,
    banned: of?.banned,
    used: of?.counts.map((count) => Math.ceil((count?.used ?? 0) - 1e-6)),
  })
  expect(words(answer)).toEqual(words(expected))
  for (const [i, count] of answer.counts.entries()) {
    for (const time of ['wait', 'rest', 'banned'] as const) {
      const difference = (count?.[time] ?? 0) - (expected?.counts[i]?.[time] ?? 0)
      expect(Math.abs(difference)).toBeLessThanOrEqual(1)
    }
  }
}
