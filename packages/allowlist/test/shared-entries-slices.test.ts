import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sharedEntries } from '../src/index.js'
import { HeldEntries } from '../src/shared/held-entries.js'
import { Outbox } from '../src/shared/outbox.js'
import { Removals } from '../src/shared/removals.js'

/** What is done with entries between two turns of the event loop that slices allow, counted. */
const work = vi.hoisted(() => {
  let count = 0
  let most = 0
  return {
    add: () => void count++,
    turn: () => {
      most = Math.max(most, count)
      count = 0
    },
    begin: () => {
      count = 0
      most = 0
    },
    most: () => Math.max(most, count),
  }
})

vi.mock('@truehop/identity/adapter', async (original) => ({
  ...(await original<typeof import('@truehop/identity/adapter')>()),
  inSlices: async <T>(slices: Generator<undefined, T>): Promise<T> => {
    for (;;) {
      work.turn()
      const step = slices.next()
      work.turn()
      if (step.done === true) return step.value
      await new Promise((resolve) => setImmediate(resolve))
    }
  },
}))

const undo: (() => void)[] = []

/** By hand: the mocks of the test runner keep every call. */
function counted<K extends string>(
  prototype: { [name in K]: (...args: never[]) => unknown },
  names: readonly K[],
): void {
  for (const name of names) {
    const original = prototype[name]
    Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]) {
      work.add()
      return Reflect.apply(original, this, args)
    })
    undo.push(() => Reflect.set(prototype, name, original))
  }
}

beforeEach(() => {
  counted(HeldEntries.prototype, ['put', 'drop'])
  counted(Outbox.prototype, ['shift'])
  counted(Removals.prototype, ['shift'])
})
afterEach(() => {
  for (const each of undo.splice(0)) each()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-slices-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Answer {
  readonly status: string
  readonly rows?: readonly (readonly string[])[]
}

/** A store that answers what it is to, and has pages of entries that stay. */
class ToldStore {
  isAway = false
  readonly answers: Answer[] = []
  pages: string[][] = [[]]

  readonly client = {
    status: 'ready',
    on: () => this.client,
    eval: (...args: unknown[]) => this.#answer(String(args.at(-1))),
    evalsha: (...args: unknown[]) => this.#answer(String(args.at(-1))),
  }

  async #answer(text: string): Promise<unknown> {
    if (this.isAway) throw new Error('away')
    const now = String(Date.now())
    const question = JSON.parse(text)
    if (question.page !== undefined) {
      const next = Number(question.page) + 1
      const page = this.pages[Number(question.page)] ?? []
      return [
        now,
        next < this.pages.length ? String(next) : '0',
        page.flatMap((e) => [e, '0 1 {}']),
      ]
    }
    const outcomes = question.changes.map(() => 1)
    const { status, rows = [] } = this.answers.shift() ?? { status: 'ok' }
    return [now, status, '7', '1', '7', outcomes, rows]
  }
}

const entry = (i: number) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`
/** Of one kind of entry, so that a slice takes no more than this. */
const MOST = 512

async function started(store: ToldStore, options: { keep?: string } = {}) {
  const { client } = store
  const entries = sharedEntries({
    client,
    name: 'bans',
    deadline: 5000,
    interval: 60_000,
    ...options,
  })
  await entries.ready
  work.begin()
  return entries
}

describe('the event loop turns', () => {
  test('while all entries are read anew beside ten thousand changes that wait', async () => {
    const store = new ToldStore()
    const entries = await started(store)
    store.isAway = true
    await expect(entries.refresh()).rejects.toThrow('away')
    for (let i = 0; i < 10_000; i++) void entries.add(entry(i))
    store.isAway = false
    store.answers.push({ status: 'behind' })
    store.pages = Array.from({ length: 4 }, (_, page) =>
      Array.from({ length: 500 }, (_, i) => entry(100_000 + 500 * page + i)),
    )
    // What the first call brings is among them.
    store.pages.push(Array.from({ length: 200 }, (_, i) => entry(i)))
    work.begin()
    await entries.refresh()
    expect(work.most()).toBeLessThanOrEqual(MOST)
    expect(entries.status()).toMatchObject({ size: 12_000, pending: 0 })
    await entries.close()
  })

  test('while changes of others are taken over, which somebody may record', async () => {
    const store = new ToldStore()
    const entries = await started(store)
    const rows = Array.from({ length: 400 }, (_, i) => [
      `${i + 2}-7`,
      'add',
      entry(i),
      '0 1 {}',
      '9',
    ])
    store.answers.push({ status: 'ok', rows })
    await entries.refresh()
    expect(entries.status().size).toBe(400)
    expect(work.most()).toBeLessThanOrEqual(32)
    await entries.close()
  })

  test('while entries that have expired are swept, and what is changed meanwhile counts', async () => {
    const store = new ToldStore()
    const entries = await started(store)
    const over = String(Date.now() + 600_000)
    const rows = Array.from({ length: 8000 }, (_, i) => {
      return [`${i + 2}-7`, 'add', entry(i), `${over} 1 {}`, '9']
    })
    for (let i = 0; i < rows.length; i += 399) {
      store.answers.push({ status: 'ok', rows: rows.slice(i, i + 399) })
      await entries.refresh()
    }
    const clock = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => clock() + 1_200_000)
    work.begin()
    const swept = entries.refresh()
    await entries.add(entry(1))
    await swept
    await entries.refresh()
    expect([...entries.entries()]).toEqual([entry(1)])
    expect(entries.status().size).toBe(1)
    expect(work.most()).toBeLessThanOrEqual(MOST)
    await entries.close()
  })

  test('while the times of a copy are corrected', async () => {
    const keep = join(folder, 'copy')
    const store = new ToldStore()
    const before = await started(store, { keep })
    store.isAway = true
    await before.refresh().catch(() => {})
    for (let i = 0; i < 5000; i++) void before.add(entry(i))
    for (let i = 0; i < 2500; i++) void before.remove(entry(i))
    await before.close()
    const real = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: real - 3_600_000 })
    const entries = sharedEntries({ client: store.client, name: 'bans', deadline: 5000, keep })
    await entries.ready.catch(() => {})
    vi.setSystemTime(real)
    store.isAway = false
    work.begin()
    await entries.refresh()
    // Removals and changes are moved in one walk.
    expect(work.most()).toBeLessThanOrEqual(2 * MOST)
    expect(entries.status()).toMatchObject({ size: 2500, pending: 0, copyError: undefined })
    await entries.close()
  })
})
