import { RateLimiter } from '@truehop/rate-limit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Entry, KeyTable } from '../src/key-table.js'
import { client, nobody } from './identities.js'

/** Enters a client and lets its window run. */
function enter(table: KeyTable, ip: string, now: number, window = 1000, scope = ''): Entry {
  const entry = table.enter(scope, ip, client(ip), now)
  if (entry.until <= now) entry.until = now + window
  return entry
}

const far = (i: number) => `${11 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.1`
const near = (i: number) => `2001:db8:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::1`

describe('the table of keys', () => {
  it('gives each client a bucket of its own while there is room', () => {
    const table = new KeyTable(100)
    const entries = new Set(Array.from({ length: 49 }, (_, i) => enter(table, near(i), 0)))
    expect(entries.size).toBe(49)
    expect(table.size).toBe(49)
  })

  it('never holds more keys than it may, whatever comes', () => {
    const table = new KeyTable(100)
    for (let i = 0; i < 20_000; i++) enter(table, far(i * 7), 0)
    expect(table.size).toBe(100)
    // One for each /8 at most.
    expect(table.sharedSize).toBeLessThanOrEqual(256)
  })

  it('stops one network at half the table and its share, and has room for all others', () => {
    const table = new KeyTable(6400)
    for (let i = 0; i < 20_000; i++) enter(table, near(i), 0)
    expect(table.size).toBe(3200)
    expect(table.sharedSize).toBe(1)
    const other = enter(table, '198.51.100.7', 0)
    expect(other.network).toBeDefined()
    expect(table.size).toBe(3201)
  })

  it('never forgets a key whose window runs', () => {
    const table = new KeyTable(100)
    const offender = enter(table, '198.51.100.7', 0)
    offender.refused = true
    for (let i = 0; i < 5_000; i++) enter(table, far(i * 7), 500)
    expect(enter(table, '198.51.100.7', 999)).toBe(offender)
    expect(offender.refused).toBe(true)
  })

  it('keeps newcomers in the bucket they share, even when room appears', () => {
    const table = new KeyTable(100)
    for (let i = 0; i < 100; i++) enter(table, far(i * 300), 0, 1000)
    const shared = enter(table, '198.51.100.7', 900, 1000)
    expect(shared.network).toBeUndefined()
    expect(enter(table, '198.51.100.7', 1500)).toBe(shared)
    expect(enter(table, '198.99.9.9', 1500)).toBe(shared)
    const own = enter(table, '198.51.100.7', 1901)
    expect(own).not.toBe(shared)
    expect(own.network).toBeDefined()
  })

  it('drops what has ended as windows begin', () => {
    const table = new KeyTable(10_000)
    for (let i = 0; i < 5_000; i++) enter(table, far(i), 0, 1000)
    for (let i = 5_000; i < 12_000; i++) enter(table, far(i), 1000 + i, 1000)
    expect(table.size).toBeLessThan(5_000)
    for (let i = 0; i < 20_000; i++) enter(table, far(i % 5), 100_000 + 1000 * i, 1000)
    expect(table.size).toBeLessThan(20)
  })

  it('keeps the counters of several limits apart', () => {
    const table = new KeyTable(100)
    const one = enter(table, '198.51.100.7', 0, 1000, 'one:')
    expect(enter(table, '198.51.100.7', 0, 1000, 'two:')).not.toBe(one)
  })

  it('finds only what is counted', () => {
    const table = new KeyTable(100)
    const ip = '198.51.100.7'
    expect(table.find('', ip, client(ip), 0)).toBeUndefined()
    const entry = enter(table, ip, 0, 1000)
    expect(table.find('', ip, client(ip), 999)).toBe(entry)
    expect(table.find('', ip, client(ip), 1000)).toBeUndefined()
    expect(table.size).toBe(1)
  })

  it('has buckets to share for clients that cannot be named as well', () => {
    const table = new KeyTable(100)
    for (let i = 0; i < 200; i++) {
      table.enter('', `undetermined:10.0.${i}.1`, nobody(`10.0.${i}.1`), 0).until = 1000
    }
    expect(table.size).toBeLessThanOrEqual(100)
    expect(table.sharedSize).toBe(1)
  })

  it('is bounded, and counts each running window on, for any traffic', () => {
    const arrival = fc.record({ of: fc.nat(400), after: fc.nat(60), wide: fc.boolean() })
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 2000 }), (arrivals) => {
        const table = new KeyTable(100)
        const running = new Map<string, Entry>()
        let now = 1
        for (const { of, after, wide } of arrivals) {
          now += after
          const ip = wide ? far(of * 300) : near(of)
          const entry = enter(table, ip, now, 1000)
          const before = running.get(ip)
          // A client stays where it is counted until that window ends.
          if (before !== undefined && before.until > now && before.network !== undefined) {
            expect(entry).toBe(before)
          }
          running.set(ip, entry)
          expect(table.size).toBeLessThanOrEqual(100)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('a limiter at the bound of its memory', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('does not give an offender a second quota, however many clients are made to come', async () => {
    const limiter = new RateLimiter({ limit: 2, window: 60, maxKeys: 100 })
    const offender = client('198.51.100.7')
    for (let i = 0; i < 5; i++) await limiter.decide(offender, {})
    let admitted = 0
    for (let i = 0; i < 20_000; i++) {
      await limiter.decide(client(far(i * 7)), {})
      if ((await limiter.decide(offender, {})).admitted) admitted++
    }
    expect(admitted).toBe(0)
  })

  it('admits a rotating client no more than the room and one shared quota', async () => {
    const limiter = new RateLimiter({ limit: 2, window: 60, maxKeys: 1000 })
    let admitted = 0
    for (let i = 0; i < 20_000; i++) {
      if ((await limiter.decide(client(near(i)), {})).admitted) admitted++
    }
    // 500 networks once each, then the two of the bucket they share.
    expect(admitted).toBe(502)
    expect(await limiter.decide(client('203.0.113.9'), {})).toMatchObject({ admitted: true })
  })

  it('lets everyone in again when the windows have ended', async () => {
    const limiter = new RateLimiter({ limit: 1, window: 60, maxKeys: 100 })
    for (let i = 0; i < 5_000; i++) await limiter.decide(client(far(i * 7)), {})
    vi.advanceTimersByTime(60_001)
    for (let i = 0; i < 40; i++) {
      expect(await limiter.decide(client(far(i * 7)), {})).toMatchObject({ admitted: true })
    }
  })
})
