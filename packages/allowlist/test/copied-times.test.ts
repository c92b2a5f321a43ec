import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAddress } from '@truehop/ip'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type SharedEntries, sharedEntries } from '../src/index.js'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-copied-times-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => void vi.useRealTimers())

interface Restored {
  readonly prefix: string
  readonly rest: number
  readonly age: number
}

/** Of the clock of all stores, which nobody sets. */
const BEGAN = Date.now() - performance.now()

/** A store without entries; its clock goes on whatever the wall clock of an instance says. */
class EmptyStore {
  readonly restored: Restored[] = []
  isAway = false
  readonly #epoch: string

  constructor(epoch: string) {
    this.#epoch = epoch
  }

  readonly client = {
    status: 'ready',
    on: () => this.client,
    eval: (...args: unknown[]) => this.#answer(String(args.at(-1))),
    evalsha: (...args: unknown[]) => this.#answer(String(args.at(-1))),
  }

  async #answer(text: string): Promise<unknown> {
    if (this.isAway) throw new Error('away')
    const now = String(Math.round(BEGAN + performance.now()))
    const question = JSON.parse(text)
    if (question.page !== undefined) return [now, '0', []]
    for (const change of question.changes) if (change.restore) this.restored.push(change)
    const outcomes = question.changes.map(() => 1)
    const lost = question.epoch === '' ? 'behind' : 'lost'
    const status = question.epoch === this.#epoch ? 'ok' : lost
    return [now, status, this.#epoch, '0', '0', outcomes, []]
  }
}

const has = (entries: SharedEntries, text: string) => {
  const address = parseAddress(text)
  return address !== undefined && entries.has(address)
}

test.each([
  ['set forward', 3_600_000],
  ['set back', -3_600_000],
])(
  'a wall clock that was %s takes nothing from what a store that lost all gets back',
  async (name, by) => {
    const keep = join(folder, name)
    const store = new EmptyStore('1')
    const before = sharedEntries({ client: store.client, name: 'bans', keep })
    await before.ready
    await before.add('203.0.113.1', { ttl: 600 })
    await before.add('203.0.113.2', { ttl: 600 })
    await before.add('203.0.113.3')
    await before.close()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + by })
    const other = new EmptyStore('2')
    other.isAway = true
    const entries = sharedEntries({ client: other.client, name: 'bans', keep, interval: 60_000 })
    await expect(entries.ready).rejects.toThrow('away')
    // Whether it seems to be over or not, it is asked for, and a wrong clock must not drop it for that.
    has(entries, '203.0.113.1')
    await expect(entries.refresh()).rejects.toThrow('away')
    other.isAway = false
    await entries.refresh()
    const rest = Object.fromEntries(other.restored.map(({ prefix, rest }) => [prefix, rest]))
    expect(Object.keys(rest).sort()).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.3'])
    for (const address of ['203.0.113.1', '203.0.113.2']) {
      expect(Math.abs((rest[address] ?? 0) - 600_000)).toBeLessThan(300_000)
      expect(has(entries, address)).toBe(true)
    }
    expect(rest['203.0.113.3']).toBe(0)
    await entries.close()
  },
)
