import { RateLimiter } from '@truehop/rate-limit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ALGORITHMS } from '../../src/decide/rule.js'
import { MemoryStore } from '../../src/store/memory-store.js'
import { client, nobody } from '../identities.js'
import { lineOf, ruleOf } from '../lines.js'

const far = (i: number) => `${11 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.1`
const near = (i: number) => `2001:db8:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::1`
const RULE = ruleOf('sliding-window', 1000)

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Takes a unit of a large limit for a client; units in use in the client's bucket after that. */
function take(store: MemoryStore, ip: string, rule = RULE): number {
  return store.ask({ do: 'take' }, [lineOf(rule, 1_000_000, ip)]).counts[0]?.used ?? 0
}

describe('the keys in memory', () => {
  test('have a bucket each while there is room', () => {
    const store = new MemoryStore(100)
    for (let i = 0; i < 49; i++) expect(take(store, near(i))).toBe(1)
    expect(store.size).toBe(49)
  })

  test('are never more than there may be, whatever comes', () => {
    const store = new MemoryStore(100)
    for (let i = 0; i < 20_000; i++) take(store, far(i * 7))
    expect(store.size).toBe(100)
    // One for each /8 at most.
    expect(store.table(RULE).sharedSize).toBeLessThanOrEqual(256)
  })

  test('of one network stop at half the room and its share, and all others have room', () => {
    const store = new MemoryStore(6400)
    for (let i = 0; i < 20_000; i++) take(store, near(i))
    expect(store.size).toBe(3200)
    expect(store.table(RULE).sharedSize).toBe(1)
    expect(take(store, '198.51.100.7')).toBe(1)
    expect(store.size).toBe(3201)
  })

  test('are never forgotten while units are in use', () => {
    const store = new MemoryStore(100)
    take(store, '198.51.100.7')
    vi.advanceTimersByTime(500)
    for (let i = 0; i < 5_000; i++) take(store, far(i * 7))
    vi.advanceTimersByTime(499)
    expect(take(store, '198.51.100.7')).toBe(2)
  })

  test('that came when it was full stay in the bucket they share, even when room appears', () => {
    const store = new MemoryStore(100)
    for (let i = 0; i < 100; i++) take(store, far(i * 300))
    vi.advanceTimersByTime(900)
    expect(take(store, '198.51.100.7')).toBe(1)
    vi.advanceTimersByTime(600)
    expect(take(store, '198.99.9.9')).toBe(2)
    expect(take(store, '198.51.100.7')).toBe(3)
    vi.advanceTimersByTime(1001)
    expect(take(store, '198.51.100.7')).toBe(1)
    expect(take(store, '198.99.9.9')).toBe(1)
  })

  test('go when nothing is in use, as others come', () => {
    const store = new MemoryStore(10_000)
    for (let i = 0; i < 5_000; i++) take(store, far(i))
    for (let i = 5_000; i < 12_000; i++) {
      vi.advanceTimersByTime(1)
      take(store, far(i))
    }
    expect(store.size).toBeLessThan(5_000)
  })

  const windowOf = (seconds: number) => ({
    ...ruleOf('sliding-window', seconds * 1000),
    name: `plan\n${seconds}s`,
    windowOf: 'plan',
  })

  test('of a limit with many windows are those of the 100 that were used last', () => {
    const store = new MemoryStore(10_000)
    for (let i = 0; i < 5; i++) take(store, near(i))
    for (let seconds = 600; seconds < 20_600; seconds++) {
      expect(take(store, '198.51.100.7', windowOf(seconds))).toBe(1)
      expect(store.size).toBeLessThanOrEqual(5 + 100)
    }
    for (let seconds = 20_501; seconds < 20_600; seconds++) {
      expect(take(store, '198.51.100.7', windowOf(seconds))).toBe(2)
    }
    // Limits with one window are not among those that give way.
    for (let i = 0; i < 5; i++) expect(take(store, near(i))).toBe(2)
  })

  test('of a window that is in use stay, whatever other lengths a client asks for', () => {
    const store = new MemoryStore(10_000)
    for (let i = 1; i <= 1000; i++) {
      expect(take(store, '203.0.113.9', windowOf(600))).toBe(i)
      take(store, '198.51.100.7', windowOf(600 + i))
    }
  })

  test('of a window stay when one of its name that counts in other numbers gives way', () => {
    const store = new MemoryStore(10_000)
    const ban = { after: 1, length: 1000, backOff: 1, longest: 1000 }
    take(store, '198.51.100.7', { ...windowOf(600), ban })
    for (let i = 1; i <= 1000; i++) {
      expect(take(store, '203.0.113.9', windowOf(600))).toBe(i)
      take(store, '198.51.100.7', windowOf(600 + i))
    }
  })

  test('of several limits are apart', () => {
    const store = new MemoryStore(100)
    expect(take(store, '198.51.100.7')).toBe(1)
    expect(take(store, '198.51.100.7', ruleOf('sliding-window', 1000, { name: 'two' }))).toBe(1)
  })

  test('of one name that count in other numbers are apart, and write into none of the others', () => {
    const store = new MemoryStore(100)
    const ban = { after: 1, length: 1000, backOff: 1, longest: 1000 }
    const rules = ALGORITHMS.flatMap((algorithm) =>
      [undefined, ban].flatMap((each) => [
        ruleOf(algorithm, 1000, { ban: each }),
        ruleOf(algorithm, 500_000, { ban: each }),
      ]),
    ).reverse()
    for (let i = 1; i <= 5; i++) {
      for (const rule of rules) {
        for (const ip of ['198.51.100.7', '203.0.113.9']) expect(take(store, ip, rule)).toBe(i)
      }
    }
  })

  test('are not made by looking, nor by a refusal', () => {
    const store = new MemoryStore(100)
    const line = lineOf(RULE, 1)
    store.ask({ do: 'peek' }, [line])
    store.ask({ do: 'take' }, [line, lineOf(ruleOf('sliding-window', 1000, { name: 'never' }), 0)])
    expect(store.size).toBe(0)
  })

  test('are forgotten when they are reset', () => {
    const store = new MemoryStore(100)
    take(store, '198.51.100.7')
    store.ask({ do: 'reset' }, [lineOf(RULE, 1)])
    expect(store.size).toBe(0)
    expect(take(store, '198.51.100.7')).toBe(1)
  })

  test('count what a plain map counts, and are bounded, for any traffic', () => {
    const arrival = fc.record({ of: fc.nat(400), after: fc.nat(60), wide: fc.boolean() })
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 1500 }), (arrivals) => {
        const store = new MemoryStore(100)
        const log = new Map<string, number[]>()
        for (const { of, after, wide } of arrivals) {
          vi.advanceTimersByTime(after)
          const ip = wide ? far(of * 300) : near(of)
          const now = performance.now()
          const uses = (log.get(ip) ?? []).filter((at) => now - at < 1000)
          log.set(ip, [...uses, now])
          // More where a bucket is shared or a part counts as of its last use; never less.
          expect(take(store, ip)).toBeGreaterThanOrEqual(uses.length + 1)
          expect(store.size).toBeLessThanOrEqual(100)
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('a limiter at the bound of its memory', () => {
  test('does not give an offender a second quota, however many clients are made to come', async () => {
    const limiter = new RateLimiter({ limit: 2, window: 60, maxKeys: 100 })
    const offender = client('198.51.100.7')
    for (let i = 0; i < 5; i++) await limiter.decide(offender, {})
    let admitted = 0
    for (let i = 0; i < 20_000; i++) {
      await limiter.decide(client(far(i * 7)), {})
      if ((await limiter.decide(offender, {})).allowed) admitted++
    }
    expect(admitted).toBe(0)
  })

  test('admits a rotating client no more than the room and one shared quota', async () => {
    const limiter = new RateLimiter({ limit: 2, window: 60, maxKeys: 1000 })
    let admitted = 0
    for (let i = 0; i < 20_000; i++) {
      if ((await limiter.decide(client(near(i)), {})).allowed) admitted++
    }
    // 500 networks once each, then the two of the bucket they share.
    expect(admitted).toBe(502)
    expect(await limiter.decide(client('203.0.113.9'), {})).toMatchObject({ allowed: true })
  })

  test('lets everyone in again when the windows have ended', async () => {
    const limiter = new RateLimiter({ limit: 1, window: 60, maxKeys: 100 })
    for (let i = 0; i < 5_000; i++) await limiter.decide(client(far(i * 7)), {})
    vi.advanceTimersByTime(60_001)
    for (let i = 0; i < 40; i++) {
      expect(await limiter.decide(client(far(i * 7)), {})).toMatchObject({ allowed: true })
    }
  })

  test('has buckets to share for clients that cannot be named as well', async () => {
    const limiter = new RateLimiter({ limit: 2, window: 60, maxKeys: 100 })
    let admitted = 0
    for (let i = 0; i < 200; i++) {
      if ((await limiter.decide(nobody(`10.0.${i}.1`), {})).allowed) admitted++
    }
    expect(admitted).toBeLessThan(60)
  })

  test('counts windows of years', async () => {
    const limiter = new RateLimiter({ limit: 1, window: 100_000_000 })
    await limiter.decide(client('198.51.100.7'), {})
    vi.advanceTimersByTime(99_000_000_000)
    expect(await limiter.decide(client('198.51.100.7'), {})).toMatchObject({ allowed: false })
  })
})
