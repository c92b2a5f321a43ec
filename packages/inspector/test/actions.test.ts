import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { definePolicy, resolve } from '@truehop/identity/portable'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OperableLimit, OperableList } from '../src/options.js'
import { ACTION_CHANNEL, Actions } from '../src/serve/actions.js'
import type { EntryView } from '../src/view/actions.js'
import type { AddressSetting } from '../src/view/address-mask.js'

const POLICY = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
const identity = resolve(POLICY, { peer: '198.51.100.7', headers: {} })

let records: Record<string, unknown>[]
const record = (message: unknown): void => {
  records.push(message as Record<string, unknown>)
}

beforeEach(() => {
  records = []
  subscribe(ACTION_CHANNEL, record)
})

afterEach(() => void unsubscribe(ACTION_CHANNEL, record))

function act(actions: Actions, form: object) {
  const body = JSON.stringify({ token: actions.view().token, ...form })
  const contentType = 'application/json'
  return actions.perform({ request: {}, identity, contentType, site: 'same-origin', body })
}

const outcomes = () => records.map(({ action, outcome, late }) => [action, outcome, late])

describe('a store that does not answer', () => {
  /** A promise that is settled from outside. */
  function pending() {
    let settle: () => void = () => {}
    let fail: () => void = () => {}
    const promise = new Promise<void>((resolve, reject) => {
      settle = resolve
      fail = () => reject(new Error('gone'))
    })
    return { promise, settle, fail }
  }

  const limit = (over: Partial<OperableLimit>): OperableLimit => ({
    peek: async () => [],
    reset: async () => {},
    block: async () => {},
    reward: async () => {},
    ...over,
  })

  const block = { action: 'block', target: 'login', client: '203.0.113.9', seconds: 60 }

  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  test.each([
    ['done', 'settle'],
    ['failed', 'fail'],
  ] as const)(
    'is answered after ten seconds, and a change that is %s later is recorded then',
    async (outcome, end) => {
      const held = pending()
      const actions = new Actions(
        { limits: { login: limit({ block: () => held.promise }) } },
        'full',
      )
      const answered = act(actions, block)
      await vi.advanceTimersByTimeAsync(9_999)
      expect(records).toEqual([])
      await vi.advanceTimersByTimeAsync(1)
      expect(await answered).toEqual({
        status: 504,
        problem: expect.stringMatching(/‘login’ within 10 seconds.*may still be/),
      })
      expect(outcomes()).toEqual([['block', 'overdue', false]])
      held[end]()
      await expect.poll(() => outcomes()[1]).toEqual(['block', outcome, true])
      expect(records[1]).toMatchObject({ identity, target: 'login', subject: '203.0.113.9' })
    },
  )

  test('has made a change, and only cannot say what is left: that is said', async () => {
    const peek = () => new Promise<never>(() => {})
    const actions = new Actions({ limits: { login: limit({ peek }) } }, 'full')
    const answered = act(actions, block)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await answered).toEqual({ status: 200, result: { standings: [] } })
    expect(outcomes()).toEqual([['block', 'done', false]])
  })

  test('is not asked for ever more, until it answers', async () => {
    const held = Array.from({ length: 33 }, pending)
    let next = 0
    const actions = new Actions(
      { limits: { login: limit({ block: () => held[next++]?.promise ?? Promise.resolve() }) } },
      'full',
    )
    const statuses: number[] = []
    for (let round = 0; round < 4; round++) {
      const asked = Array.from({ length: 8 }, () => act(actions, block))
      await vi.advanceTimersByTimeAsync(10_000)
      for (const { status } of await Promise.all(asked)) statuses.push(status)
    }
    expect(statuses).toEqual(new Array(32).fill(504))
    expect((await act(actions, block)).status).toBe(503)
    expect(next).toBe(32)
    held[0]?.settle()
    await expect.poll(() => outcomes().at(-1)).toEqual(['block', 'done', true])
    held[32]?.settle()
    expect((await act(actions, block)).status).toBe(200)
  })
})

describe('entries of a list that is long', () => {
  /** Of so many, and how many of them were asked for. */
  function long(size: number) {
    const asked = { entries: 0 }
    const list: OperableList = {
      *details() {
        for (let i = 0; i < size; i++) {
          asked.entries++
          yield { entry: `10.0.${i >> 8}.${i & 255}`, by: 'a', note: '', added: 0, expires: 0 }
        }
      },
      add: async () => {},
      remove: async () => 'absent',
      status: () => ({ size, stale: false }),
    }
    return { asked, list }
  }

  const find = { action: 'entries', target: 'visitors', find: 'nothing' }

  test('let others be answered while they are looked at', async () => {
    const actions = new Actions({ lists: { visitors: long(100_000).list } }, 'truncated')
    const order: string[] = []
    const turned = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      order.push('another')
    })
    const { status } = await act(actions, find)
    order.push('entries')
    await turned
    expect([status, order]).toEqual([200, ['another', 'entries']])
  })

  test('are looked at up to a bound, which the answer says', async () => {
    const { asked, list } = long(1_000_000)
    const actions = new Actions({ lists: { visitors: list } }, 'full')
    const result = { entries: [], lookedAt: 250_000, size: 1_000_000, stale: false }
    expect(await act(actions, find)).toEqual({ status: 200, result })
    expect(asked.entries).toBeLessThanOrEqual(250_001)
  })

  test('are not looked at any more when the time is over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { asked, list } = long(200_000)
      const actions = new Actions({ lists: { visitors: list } }, 'truncated')
      const answered = act(actions, find)
      await vi.advanceTimersByTimeAsync(10_000)
      expect(await answered).toMatchObject({ status: 200, result: { size: 200_000 } })
      expect(asked.entries).toBeLessThan(200_000)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('entries that are shown masked', () => {
  function shared(...entries: string[]) {
    const held = new Set(entries)
    const list: OperableList = {
      *details() {
        for (const entry of held) {
          yield {
            entry,
            by: 'inspector, 198.51.100.7',
            note: 'of 192.0.2.77',
            added: 0,
            expires: 0,
          }
        }
      },
      add: async (entry) => void held.add(entry),
      remove: async (entry) => (held.delete(entry) ? 'shared' : 'absent'),
      status: () => ({ size: held.size, stale: false }),
    }
    return { held, list }
  }

  async function entriesIn(actions: Actions, find = ''): Promise<readonly EntryView[]> {
    const done = await act(actions, { action: 'entries', target: 'visitors', find })
    if (!('result' in done && 'entries' in done.result)) throw new Error('no entries')
    return done.result.entries
  }

  const tokens: AddressSetting = {
    form: 'hmac',
    redact: (text) => text.replace(/[\d.]+\.\d+/g, 'hmac-0'),
  }

  test.each<[AddressSetting, string, string]>([
    ['truncated', '203.0.113.0/24', 'of 192.0.2.0'],
    [tokens, 'hmac-0', 'of hmac-0'],
  ])('each is removed, though two are shown alike: %j', async (address, shown, note) => {
    const { held, list } = shared('203.0.113.7', '203.0.113.9')
    const actions = new Actions({ lists: { visitors: list } }, address)
    const entries = await entriesIn(actions)
    expect(entries.map(({ entry, note }) => [entry, note])).toEqual([
      [shown, note],
      [shown, note],
    ])
    const { id } = entries[1] ?? {}
    const removed = await act(actions, { action: 'remove', target: 'visitors', id })
    expect(removed).toEqual({ status: 200, result: { change: 'shared' } })
    expect([...held]).toEqual(['203.0.113.7'])
    // Who may read the trail sees there what its own privacy shows.
    expect(records.at(-1)).toMatchObject({ subject: '203.0.113.9', outcome: 'done' })
  })

  test('a search finds only what is shown', async () => {
    const { list } = shared('203.0.113.7', '2001:db8:1:2::9')
    const actions = new Actions({ lists: { visitors: list } }, 'truncated')
    expect(await entriesIn(actions, '203.0.113.0')).toHaveLength(1)
    expect(await entriesIn(actions, '2001:db8:1::/48')).toHaveLength(1)
    for (const hidden of ['203.0.113.7', '113.7', ':2::', '192.0.2.77', '198.51.100.7']) {
      expect([hidden, await entriesIn(actions, hidden)]).toEqual([hidden, []])
    }
  })

  test('a name that was not given, or for another list, removes nothing', async () => {
    const [one, other] = [shared('203.0.113.7'), shared('203.0.113.7')]
    const lists = { visitors: one.list, others: other.list }
    const actions = new Actions({ lists }, 'truncated')
    const [entry] = await entriesIn(actions)
    for (const form of [
      { target: 'others', id: entry?.id },
      { target: 'visitors', id: 'x'.repeat(22) },
    ]) {
      const done = await act(actions, { action: 'remove', ...form })
      expect(done.status).toBe(409)
    }
    expect([one.held.size, other.held.size]).toEqual([1, 1])
  })

  test('are shown as they are, and need no name, where addresses are', async () => {
    const { list } = shared('203.0.113.7')
    const actions = new Actions({ lists: { visitors: list } }, 'full')
    expect(await entriesIn(actions, '113.7')).toMatchObject([
      { id: undefined, entry: '203.0.113.7' },
    ])
  })
})
