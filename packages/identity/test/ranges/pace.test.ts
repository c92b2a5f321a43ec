import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parseAddress } from '@truehop/ip'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  definePolicy,
  loadPolicy,
  openPolicy,
  openRanges,
  PolicyError,
  type RangesMessage,
  type RangesOptions,
  rangesFrom,
} from '../../src/index.js'
import type { LiveSource } from '../../src/ranges/live-source.js'

/*
 * When live ranges look at their source: on a clock that the suite moves, and with the answers of
 * a source that is not there.
 */

/** When the source was looked at. */
let looks: number[] = []
let answer: () => Response
const open: LiveSource[] = []

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  looks = []
  answer = () => new Response('10.0.0.0/8\n')
  vi.stubGlobal('fetch', async () => {
    looks.push(Date.now())
    return answer()
  })
})

afterEach(() => {
  for (const ranges of open.splice(0)) ranges.close()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const failing = () => new Response(null, { status: 503 })

async function follow(options: Partial<RangesOptions> = {}): Promise<LiveSource> {
  const url = 'https://ranges.example/list'
  const ranges = rangesFrom({ url, format: 'lines', ...options } as RangesOptions)
  open.push(ranges)
  await ranges.ready.catch(() => {})
  return ranges
}

/** Twice, as what the first turn lets go of may hold more. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (const _ of [1, 2]) {
    await new Promise((turn) => setImmediate(turn))
    collect()
  }
}

const after = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000)

/** As `after`, with a disk that answers in its own time, second by second. */
async function afterOnDisk(seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 1) {
    await after(Math.min(1, left))
    for (let round = 0; round < 12; round++) {
      await stat(tmpdir())
      await new Promise((turn) => setImmediate(turn))
    }
  }
}

/** Seconds from each look to the next. */
const pauses = () => looks.slice(1).map((at, index) => (at - (looks[index] ?? at)) / 1000)

/** Each pause is within a tenth of what is due. */
function expectPauses(due: readonly number[]): void {
  const found = pauses()
  expect(found).toHaveLength(due.length)
  const outside = found.filter((pause, index) => {
    const seconds = due[index] ?? 0
    return pause < seconds * 0.899 || pause > seconds * 1.101
  })
  expect(outside).toEqual([])
}

/** Moves the clock from look to look: to each timer, once the answer before it has been read. */
async function untilLooks(count: number): Promise<void> {
  for (let turns = 0; looks.length < count && turns < 10_000; turns++) {
    if (vi.getTimerCount() > 0) await vi.advanceTimersToNextTimerAsync()
    await new Promise((turn) => setImmediate(turn))
  }
}

describe('live ranges look at their source', () => {
  test('at the pace asked for, give or take a tenth', async () => {
    await follow({ refresh: 60 })
    await untilLooks(5)
    expectPauses([60, 60, 60, 60])
  })

  test('not all at the same moment, when many start together', async () => {
    await Promise.all(Array.from({ length: 40 }, () => follow({ refresh: 100 })))
    await after(98)
    expect(looks.length).toBeGreaterThan(40)
    expect(looks.length).toBeLessThan(80)
    await after(12.1)
    expect(looks).toHaveLength(80)
  })

  test('one, two, four seconds after failures, and so on up to the usual pace', async () => {
    answer = failing
    await follow({ refresh: 20 })
    await untilLooks(8)
    expectPauses([1, 2, 4, 8, 16, 20, 20])
  })

  test('at the usual pace again after one success', async () => {
    answer = failing
    await follow({ refresh: 60 })
    await untilLooks(2)
    answer = () => new Response('10.0.0.0/8\n')
    await untilLooks(3)
    answer = failing
    await untilLooks(5)
    expectPauses([1, 2, 60, 1])
  })

  test('no more once closed', async () => {
    const ranges = await follow({ refresh: 1 })
    ranges.close()
    await after(100)
    expect(looks).toHaveLength(1)
  })

  test('no more where they are closed while an answer is on its way', async () => {
    let arrive = () => {}
    vi.stubGlobal('fetch', async () => {
      await new Promise<void>((arrived) => {
        arrive = arrived
      })
      return new Response('10.0.0.0/8\n')
    })
    const url = 'https://ranges.example/list'
    const ranges = rangesFrom({ url, format: 'lines', refresh: 1 })
    ranges.close()
    arrive()
    await ranges.ready.catch(() => {})
    expect(vi.getTimerCount()).toBe(0)
  })

  test('once for one timer, however often they are asked in between', async () => {
    const ranges = await follow({ refresh: 60 })
    for (let asked = 0; asked < 5; asked++) await ranges.refresh()
    expect(looks).toHaveLength(6)
    await after(66.1)
    expect(looks).toHaveLength(7)
  })
})

describe('live ranges grow stale', () => {
  test('when they have gone unconfirmed for longer than allowed', async () => {
    const ranges = await follow({ refresh: 60, staleAfter: 100 })
    answer = failing
    vi.setSystemTime(Date.now() + 100_000)
    expect(ranges.status().stale).toBe(false)
    vi.setSystemTime(Date.now() + 1)
    expect(ranges.status().stale).toBe(true)
  })

  test('after thirty days where nothing is said', async () => {
    const ranges = await follow()
    vi.setSystemTime(Date.now() + 30 * 86_400_000)
    expect(ranges.status().stale).toBe(false)
    vi.setSystemTime(Date.now() + 1)
    expect(ranges.status().stale).toBe(true)
  })

  test('and say so once each time that it comes to that', async () => {
    const told: RangesMessage[] = []
    const listener = (message: unknown) => told.push(message as RangesMessage)
    subscribe('truehop.ranges.stale', listener)
    const ranges = await follow({ refresh: 60, staleAfter: 100 })
    answer = failing
    await after(400)
    expect(told).toHaveLength(1)
    answer = () => new Response('10.0.0.0/8\n')
    await ranges.refresh()
    answer = failing
    await after(400)
    unsubscribe('truehop.ranges.stale', listener)
    expect(told.map(({ status }) => status.stale)).toEqual([true, true])
  })
})

describe('live ranges in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'truehop-pace-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const updates: RangesMessage[] = []
  const listener = (message: unknown) => updates.push(message as RangesMessage)
  beforeEach(() => {
    updates.length = 0
    subscribe('truehop.ranges.updated', listener)
  })
  afterEach(() => unsubscribe('truehop.ranges.updated', listener))

  const inFile = (file: string, more: Partial<RangesOptions> = {}) =>
    follow({ url: undefined, file, ...more } as Partial<RangesOptions>)

  test('are read again every five seconds where the file has changed, and only then', async () => {
    const file = join(folder, 'edge.txt')
    writeFileSync(file, '10.0.0.0/8\n')
    const ranges = await inFile(file)
    await afterOnDisk(60)
    expect(updates.map(({ status }) => [status.name, status.size])).toEqual([[file, 1]])
    await vi.advanceTimersToNextTimerAsync()
    // The look that has just begun must have ended, or it sees the new file.
    await afterOnDisk(0.1)
    writeFileSync(file, '10.0.0.0/8\n172.16.0.0/12\n')
    await afterOnDisk(4.4)
    expect(ranges.status().size).toBe(1)
    await afterOnDisk(1.2)
    expect(updates.map(({ status }) => status.size)).toEqual([1, 2])
  })

  test('stay as they are while the file is away', async () => {
    const file = join(folder, 'gone.txt')
    writeFileSync(file, '10.0.0.0/8\n')
    const ranges = await inFile(file)
    rmSync(file)
    await afterOnDisk(6)
    expect(ranges.status()).toMatchObject({ size: 1, lastError: expect.stringContaining('ENOENT') })
    writeFileSync(file, '10.0.0.0/8\n172.16.0.0/12\n')
    await afterOnDisk(12)
    expect(ranges.status()).toMatchObject({ size: 2, lastError: undefined })
  })

  test('stay as they are while nobody can look at the file', async () => {
    const place = join(folder, 'mounted')
    const file = join(place, 'edge.txt')
    mkdirSync(place)
    writeFileSync(file, '10.0.0.0/8\n')
    const ranges = await inFile(file)
    // Not "no such file" but "not a directory": as without leave to look, an error of stat itself.
    rmSync(place, { recursive: true })
    writeFileSync(place, '')
    await afterOnDisk(6)
    expect(ranges.status()).toMatchObject({
      size: 1,
      lastError: expect.stringContaining('ENOTDIR'),
    })
    rmSync(place)
    mkdirSync(place)
    writeFileSync(file, '10.0.0.0/8\n172.16.0.0/12\n')
    await afterOnDisk(12)
    expect(ranges.status()).toMatchObject({ size: 2, lastError: undefined })
  })

  test('are read again where its permissions have changed: it may have been unreadable', async () => {
    const file = join(folder, 'private.txt')
    writeFileSync(file, '10.0.0.0/8\n', { mode: 0o600 })
    await inFile(file)
    chmodSync(file, 0o640)
    await afterOnDisk(6)
    expect(updates.map(({ status }) => status.size)).toEqual([1, 1])
    await afterOnDisk(60)
    expect(updates).toHaveLength(2)
  })

  test('are not followed any more once the policy from a file that named them is replaced', async () => {
    const file = join(folder, 'followed.txt')
    const path = join(folder, 'policy.json')
    writeFileSync(file, '10.0.0.0/8\n')
    const from = [{ file, format: 'lines' }]
    writeFileSync(path, JSON.stringify({ trust: from, header: 'x-forwarded-for' }))
    const policy = loadPolicy(path)
    for (const replacements of [1, 2, 3]) {
      policy.replace(loadPolicy(path))
      expect(updates).toHaveLength(replacements + 1)
    }
    await collectGarbage()
    updates.length = 0
    writeFileSync(file, '10.0.0.0/8\n172.16.0.0/12\n')
    await afterOnDisk(6)
    expect(updates.map(({ status }) => status.size)).toEqual([2])
    expect(policy.status().hops[0]?.ranges).toMatchObject([{ size: 2 }])
  })

  test('are no more than 64 MiB of text', async () => {
    const large = join(folder, 'large.txt')
    writeFileSync(large, '')
    truncateSync(large, 64 * 1024 * 1024 + 1)
    expect((await inFile(large)).status().lastError).toBe('is larger than 67108864 bytes')
    const latin1 = join(folder, 'latin1.txt')
    writeFileSync(latin1, Buffer.from('10.0.0.0/8 # gr\xfcn\n', 'latin1'))
    expect((await inFile(latin1)).status()).toMatchObject({
      size: 0,
      lastError: expect.stringContaining('not valid'),
    })
  })
})

describe('the kept copy of live ranges', () => {
  const folder = mkdtempSync(join(tmpdir(), 'truehop-kept-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  /** The state before the source has answered. */
  function stateWith(name: string, text: string, updatedAt?: number) {
    const keep = join(folder, name)
    if (updatedAt !== undefined) writeFileSync(keep, `{"updatedAt":${updatedAt}}\n${text}`)
    const ranges = rangesFrom({ url: 'https://ranges.example/', format: 'lines', keep })
    open.push(ranges)
    return ranges.status()
  }

  test('keeps its time, but none that is yet to come', () => {
    const now = Date.now()
    const text = '10.0.0.0/8\n'
    expect(stateWith('old.json', text, 1000)).toMatchObject({
      size: 1,
      updatedAt: 1000,
    })
    expect(stateWith('new.json', text, now + 9_000_000).updatedAt).toBe(now)
  })

  test('is named if it must not come into force, and not missed if there is none', () => {
    expect(stateWith('bad.json', '0.0.0.0/0\n', 1000)).toMatchObject({
      size: 0,
      lastError: expect.stringMatching(/^the copy in .*bad\.json: has 0\.0\.0\.0\/0, wider than/),
    })
    expect(stateWith('none.json', '').lastError).toBeUndefined()
  })
})

describe('the state of live ranges', () => {
  test('has the time of the list, and of each confirmation', async () => {
    const headers = { etag: '"v1"' }
    answer = () => new Response('10.0.0.0/8\n', { headers })
    const start = Date.now()
    const ranges = await follow({ refresh: 60 })
    expect(ranges.status()).toMatchObject({ updatedAt: start, size: 1, lastError: undefined })
    answer = () => new Response(null, { status: 304 })
    vi.setSystemTime(start + 5000)
    await ranges.refresh()
    expect(ranges.status()).toMatchObject({ updatedAt: start + 5000, size: 1 })
  })

  test('has the time of a snapshot until a list is in', async () => {
    answer = failing
    const ranges = await follow({ initial: { entries: ['10.9.0.0/16'], date: '2026-01-31' } })
    expect(ranges.status()).toMatchObject({
      updatedAt: Date.UTC(2026, 0, 31),
      version: '2026-01-31',
      lastError: 'answered 503',
    })
  })

  test('has the name, and the reason behind a reason', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
    })
    const ranges = await follow({ name: 'edge' })
    expect(ranges.status()).toMatchObject({
      name: 'edge',
      lastError: 'fetch failed: connect ECONNREFUSED',
    })
    await expect(ranges.refresh()).rejects.toMatchObject({
      message: 'ranges of edge: fetch failed: connect ECONNREFUSED',
      cause: { message: 'fetch failed' },
    })
  })

  test('names the entry that an address is in, of the list or nothing', async () => {
    const ranges = await follow()
    const inside = parseAddress('10.0.0.1')
    const outside = parseAddress('192.0.2.1')
    expect(inside && ranges.match(inside)).toEqual({ entry: '10.0.0.0/8' })
    expect(outside && ranges.match(outside)).toBeUndefined()
    answer = failing
    const none = await follow()
    expect(inside && [none.has(inside), none.match(inside)]).toEqual([false, undefined])
  })
})

describe('live ranges of a policy that is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'truehop-refused-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'policy.json')
  const rule = (asserts: string, url = 'https://ranges.example/list') => ({
    from: [{ url, format: 'lines', refresh: 60 }],
    asserts,
  })

  test('are asked for no more after a replacement, and those in force are', async () => {
    writeFileSync(path, JSON.stringify({ hops: [rule('x-forwarded-for')] }))
    const policy = loadPolicy(path)
    writeFileSync(path, JSON.stringify({ hops: [rule('proxy-protocol')] }))
    const refused = loadPolicy(path)
    expect(() => policy.replace(refused)).toThrow('bad-replacement')
    await afterOnDisk(1)
    expect(looks).toHaveLength(2)
    await afterOnDisk(70)
    expect(looks).toHaveLength(3)
    expect(policy.status().hops[0]?.ranges).toMatchObject([{ size: 1, lastError: undefined }])
    policy.opened?.refused()
  })

  test('go on where the policy is in force elsewhere', async () => {
    writeFileSync(path, JSON.stringify({ hops: [rule('proxy-protocol')] }))
    const next = loadPolicy(path)
    const asserts = 'proxy-protocol'
    definePolicy({ hops: [{ from: ['10.0.0.0/8'], asserts }] }).replace(next)
    expect(() => definePolicy({ hops: [] }).replace(next)).toThrow('bad-replacement')
    await afterOnDisk(70)
    expect(looks).toHaveLength(2)
  })

  test.each([
    ['a rule that is none', { hops: [rule('x-forwarded-for'), { from: ['1'], asserts: 'x-a' }] }],
    ['ranges that are none', { hops: [rule('x-forwarded-for'), rule('x-real-ip', 'ftp://a')] }],
    ['a setting that is none', { hops: [rule('x-forwarded-for')], maxHops: 0 }],
  ])('are never asked for because of %s', async (_name, options) => {
    writeFileSync(path, JSON.stringify(options))
    expect(() => loadPolicy(path)).toThrow(PolicyError)
    await expect(openPolicy(path)).rejects.toThrow(PolicyError)
    await afterOnDisk(70)
    expect(looks).toEqual([])
  })

  test('are asked for no more where an opened policy has none of its ranges', async () => {
    answer = failing
    writeFileSync(path, JSON.stringify({ hops: [rule('x-forwarded-for')] }))
    await expect(openPolicy(path)).rejects.toThrow('answered 503')
    await expect(
      openRanges({ url: 'https://ranges.example/list', format: 'lines' }),
    ).rejects.toThrow('answered 503')
    await afterOnDisk(4000)
    expect(looks).toHaveLength(2)
  })
})
