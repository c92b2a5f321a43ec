import {
  type Answer,
  type RateLimitDecision,
  RateLimiter,
  type RateLimitOptions,
  type Store,
} from '@truehop/rate-limit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { client, nobody } from './identities.js'
import { silentStore } from './silent-store.js'

interface Call {
  readonly user?: string
  readonly units?: number
  readonly path?: string
}

const A = '198.51.100.7'
const B = '203.0.113.9'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function limiter(options: RateLimitOptions<Call>) {
  const built = new RateLimiter<Call>(options)
  return async (ip: string, call: Call = {}): Promise<RateLimitDecision> =>
    built.decide(client(ip), call)
}

async function admitted(
  ask: (ip: string, call?: Call) => Promise<RateLimitDecision>,
  ips: readonly string[],
  call: Call = {},
): Promise<number> {
  let count = 0
  for (const ip of ips) if ((await ask(ip, call)).allowed) count++
  return count
}

const times = (n: number, ip: string): string[] => Array.from({ length: n }, () => ip)

describe('one limit', () => {
  test('admits as many requests a window as it says, for each client', async () => {
    const ask = limiter({ limit: 3, window: 60 })
    expect(await admitted(ask, times(10, A))).toBe(3)
    expect(await admitted(ask, times(10, B))).toBe(3)
  })

  test('says where the client stands', async () => {
    const ask = limiter({ limit: 2, window: 60 })
    const first = await ask(A)
    expect(first).toMatchObject({ allowed: true, reason: 'within-limit', by: 'store', client: A })
    expect(first.standings).toMatchObject([{ remaining: 1, msLeft: 60_000, exceeded: false }])
    await ask(A)
    vi.advanceTimersByTime(20_500)
    const third = await ask(A)
    expect(third).toMatchObject({ allowed: false, reason: 'quota-exceeded', retryAfter: 40 })
    expect(third.standings).toMatchObject([{ remaining: 0, exceeded: true }])
    expect(await ask(A)).toMatchObject({ allowed: false, retryAfter: 40 })
  })

  test('admits again when the window has ended', async () => {
    const ask = limiter({ limit: 2, window: 10 })
    expect(await admitted(ask, times(5, A))).toBe(2)
    vi.advanceTimersByTime(10_001)
    expect(await admitted(ask, times(5, A))).toBe(2)
  })

  test.each([
    ['back', -3_600_000],
    ['forward', 3_600_000],
  ])('keeps its window when the wall clock is set %s after a refusal', async (_way, by) => {
    const ask = limiter({ limit: 2, window: 60 })
    await admitted(ask, times(3, A))
    vi.setSystemTime(Date.now() + by)
    vi.advanceTimersByTime(50_000)
    expect(await ask(A)).toMatchObject({ allowed: false, retryAfter: 10 })
    vi.advanceTimersByTime(10_001)
    expect(await admitted(ask, times(5, A))).toBe(2)
  })

  test('does not prolong a window when the wall clock is set back within it', async () => {
    const ask = limiter({ limit: 2, window: 60 })
    await ask(A)
    vi.setSystemTime(Date.now() - 3_600_000)
    await admitted(ask, times(5, A))
    expect(await ask(A)).toMatchObject({ allowed: false, retryAfter: 60 })
    vi.advanceTimersByTime(60_001)
    expect(await admitted(ask, times(5, A))).toBe(2)
  })

  test('counts an IPv6 network as one client, however many addresses it uses', async () => {
    const ask = limiter({ limit: 3, window: 60 })
    const rotating = Array.from({ length: 20 }, (_, i) => `2001:db8:1:2::${(i + 1).toString(16)}`)
    expect(await admitted(ask, rotating)).toBe(3)
    expect(await admitted(ask, ['2001:db8:1:3::1'])).toBe(1)
  })

  test('counts a mapped address as the IPv4 address in it', async () => {
    const ask = limiter({ limit: 1, window: 60 })
    expect(await admitted(ask, [A, `::ffff:${A}`])).toBe(1)
  })

  test('counts undetermined clients by the last trusted hop', async () => {
    const built = new RateLimiter({ limit: 1, window: 60 })
    expect(await built.decide(nobody('10.0.0.1'), {})).toMatchObject({ allowed: true })
    expect(await built.decide(nobody('10.0.0.1'), {})).toMatchObject({ allowed: false })
    expect(await built.decide(nobody('10.0.0.2'), {})).toMatchObject({ allowed: true })
  })

  test('does not admit one more however many ask in the same moment', async () => {
    const built = new RateLimiter({ limit: 5, window: 60 })
    const decisions = await Promise.all(times(50, A).map((ip) => built.decide(client(ip), {})))
    expect(decisions.filter((decision) => decision.allowed)).toHaveLength(5)
  })
})

describe('cost, skip and key', () => {
  test('takes as many quota units as the request costs', async () => {
    const ask = limiter({ limit: 10, window: 60, cost: ({ units = 1 }) => units })
    expect((await ask(A, { units: 6 })).standings).toMatchObject([{ remaining: 4 }])
    expect(await ask(A, { units: 5 })).toMatchObject({ allowed: false })
  })

  test('does not count what costs nothing', async () => {
    const ask = limiter({ limit: 1, window: 60, cost: ({ units = 1 }) => units })
    expect(await admitted(ask, times(5, A), { units: 0 })).toBe(5)
    expect(await admitted(ask, times(5, A))).toBe(1)
  })

  test.each([Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY])(
    'throws for a cost of %s',
    async (units) => {
      const ask = limiter({ limit: 10, window: 60, cost: () => units })
      await expect(ask(A)).rejects.toThrow('return an integer, 0 or more')
    },
  )

  test('refuses what costs more than any counter holds, and charges nothing for it', async () => {
    const ask = limiter({ limit: 10, window: 60, cost: ({ units = 1 }) => units })
    await ask(A, { units: 9 })
    expect(await ask(A, { units: Number.MAX_SAFE_INTEGER })).toMatchObject({ allowed: false })
    expect(await ask(A)).toMatchObject({ allowed: true })
    expect(await ask(A)).toMatchObject({ allowed: false })
  })

  test('leaves out what skip names', async () => {
    const ask = limiter({ limit: 1, window: 60, skip: ({ path }) => path === '/health' })
    expect(await admitted(ask, times(5, A), { path: '/health' })).toBe(5)
    expect(await ask(A, { path: '/health' })).toMatchObject({ reason: 'not-counted', by: 'nobody' })
  })

  test('counts a user apart in each network, so that nobody locks him out from elsewhere', async () => {
    const ask = limiter({ limit: 2, window: 60, key: ({ user }) => user })
    expect(await admitted(ask, times(5, A), { user: 'ada' })).toBe(2)
    expect(await admitted(ask, times(5, A), { user: 'bob' })).toBe(2)
    expect(await admitted(ask, times(5, B), { user: 'ada' })).toBe(2)
    expect(await admitted(ask, times(5, A))).toBe(2)
  })

  test('distinguishes users whose names are too long to be keys', async () => {
    const ask = limiter({ limit: 1, window: 60, key: ({ user }) => user })
    const long = 'x'.repeat(100_000)
    expect(await admitted(ask, times(3, A), { user: `${long}1` })).toBe(1)
    expect(await admitted(ask, times(3, A), { user: `${long}2` })).toBe(1)
  })

  test('throws for a key that is not a string, rather than count all users as one', async () => {
    const ask = limiter({ limit: 1, window: 60, key: () => 7 as never })
    await expect(ask(A)).rejects.toThrow('return a string or undefined')
  })
})

describe('blockDuration', () => {
  test('refuses for that long after the limit was exceeded, and not a request longer', async () => {
    const ask = limiter({ limit: 2, window: 10, blockDuration: 300 })
    expect(await admitted(ask, times(2, A))).toBe(2)
    vi.advanceTimersByTime(9_000)
    expect(await ask(A)).toMatchObject({ allowed: false, reason: 'blocked', retryAfter: 300 })
    vi.advanceTimersByTime(200_000)
    expect(await ask(A)).toMatchObject({ allowed: false, retryAfter: 100 })
    vi.advanceTimersByTime(100_001)
    expect(await admitted(ask, times(5, A))).toBe(2)
  })
})

describe('several limits', () => {
  const options: RateLimitOptions<Call> = {
    limits: [
      { name: 'burst', limit: 3, window: 1 },
      { name: 'daily', limit: 5, window: 86_400 },
    ],
  }

  test('admits what every one of them admits', async () => {
    const ask = limiter(options)
    expect(await admitted(ask, times(10, A))).toBe(3)
    vi.advanceTimersByTime(1_001)
    expect(await admitted(ask, times(10, A))).toBe(2)
    vi.advanceTimersByTime(1_001)
    const refused = await ask(A)
    expect(refused.allowed).toBe(false)
    expect(refused.standings.filter((s) => s.exceeded).map((s) => s.quota.name)).toEqual(['daily'])
  })

  test('does not charge the one for what the other refused', async () => {
    const ask = limiter(options)
    await admitted(ask, times(100, A))
    vi.advanceTimersByTime(1_001)
    const { standings } = await ask(A)
    expect(standings.map((s) => [s.quota.name, s.remaining])).toEqual([
      ['burst', 2],
      ['daily', 1],
    ])
  })

  test('starts the block of the second one too', async () => {
    const ask = limiter({
      limits: [
        { name: 'burst', limit: 3, window: 1 },
        { name: 'hourly', limit: 4, window: 3600, blockDuration: 7200 },
      ],
    })
    await admitted(ask, times(3, A))
    vi.advanceTimersByTime(1_001)
    await admitted(ask, times(1, A))
    expect(await ask(A)).toMatchObject({ reason: 'blocked', retryAfter: 7200 })
    vi.advanceTimersByTime(3_601_000)
    expect(await ask(A)).toMatchObject({ allowed: false, reason: 'blocked' })
  })

  test('skips each on its own', async () => {
    const ask = limiter({
      limits: [
        { name: 'all', limit: 5, window: 60 },
        { name: 'login', limit: 1, window: 60, skip: ({ path }) => path !== '/login' },
      ],
    })
    expect(await admitted(ask, times(3, A), { path: '/login' })).toBe(1)
    expect(await admitted(ask, times(9, A), { path: '/' })).toBe(4)
  })
})

describe('wider networks', () => {
  const options: RateLimitOptions<Call> = {
    limit: 10,
    window: 60,
    wider: [
      { ipv6Prefix: 48, ipv4Prefix: 24, limit: 25 },
      { ipv6Prefix: 32, limit: 60 },
    ],
  }
  const inNetwork = (third: number, fourth: number) =>
    `2001:db8:${third.toString(16)}:${fourth.toString(16)}::1`

  test('stops a client that rotates over its networks', async () => {
    const ask = limiter(options)
    const rotating = Array.from({ length: 500 }, (_, i) => inNetwork(1, i))
    expect(await admitted(ask, rotating)).toBe(25)
    const further = Array.from({ length: 500 }, (_, i) => inNetwork(2 + (i % 50), i))
    expect(await admitted(ask, further)).toBe(60 - 25)
  })

  test('refuses at the widest one before it remembers anything of the narrower ones', async () => {
    const ask = limiter({ limit: 10, window: 60, wider: [{ ipv6Prefix: 48, limit: 25 }] })
    await admitted(
      ask,
      Array.from({ length: 25 }, (_, i) => inNetwork(1, i)),
    )
    const refused = await ask(inNetwork(1, 999))
    expect(refused.standings.map(({ quota, remaining }) => [quota.name, remaining])).toEqual([
      ['default', 10],
      ['default/48', 0],
    ])
  })

  test('does not let one network use up what its neighbours share with it', async () => {
    const ask = limiter(options)
    expect(await admitted(ask, times(1000, inNetwork(1, 1)))).toBe(10)
    expect(await admitted(ask, times(1000, inNetwork(1, 2)))).toBe(10)
    expect(await admitted(ask, times(1000, inNetwork(1, 3)))).toBe(5)
  })

  test('counts IPv4 clients only in the networks that have an IPv4 prefix', async () => {
    const ask = limiter(options)
    const rotating = Array.from({ length: 250 }, (_, i) => `198.51.100.${i}`)
    expect(await admitted(ask, rotating)).toBe(25)
    const far = Array.from({ length: 250 }, (_, i) => `198.51.${i}.1`)
    expect(await admitted(ask, far)).toBe(249)
  })

  test('tells a client nothing about the networks around it until they refuse', async () => {
    const ask = limiter(options)
    expect((await ask(inNetwork(1, 1))).standings.map(({ quota }) => quota.name)).toEqual([
      'default',
    ])
  })
})

describe('onRefused', () => {
  test('gets every refusal with its request, and nothing else', async () => {
    const told: [boolean, string | undefined][] = []
    const ask = limiter({
      limit: 1,
      window: 60,
      onRefused: (decision, { path }) => told.push([decision.allowed, path]),
    })
    await ask(A, { path: '/1' })
    await ask(A, { path: '/2' })
    await ask(A, { path: '/3' })
    expect(told).toEqual([
      [false, '/2'],
      [false, '/3'],
    ])
  })
})

describe('an asynchronous onRefused', () => {
  test('that fails ends neither the request nor the process, and is reported once', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const onRefused = async () => {
      throw new Error('no mail server')
    }
    const ask = limiter({ limit: 1, window: 60, onRefused })
    await ask(A)
    expect(await ask(A)).toMatchObject({ allowed: false, by: 'store' })
    expect(await ask(A)).toMatchObject({ allowed: false, by: 'store' })
    await vi.advanceTimersByTimeAsync(0)
    expect(warned.mock.calls).toEqual([
      [expect.stringMatching(/^onRefused failed.*no mail server/s), expect.anything()],
    ])
    warned.mockRestore()
  })
})

describe('a store that does not answer', () => {
  test('is waited for, for less than 50 ms, and then this process counts', async () => {
    const limit = new RateLimiter<Call>({ limit: 5, window: 60, store: silentStore() })
    let decision: RateLimitDecision | undefined
    const asked = Promise.resolve(limit.decide(client(A), {})).then((decided) => {
      decision = decided
    })
    await vi.advanceTimersByTimeAsync(47)
    expect(decision).toBeUndefined()
    await vi.advanceTimersByTimeAsync(2)
    await asked
    expect(decision).toMatchObject({ by: 'local', allowed: true })
  })

  test('is waited for as long as the deadline says', async () => {
    const store = silentStore()
    const limit = new RateLimiter<Call>({ limit: 5, window: 60, store, deadline: 1000 })
    const asked = Promise.race([limit.decide(client(A), {}), vi.advanceTimersByTimeAsync(990)])
    expect(await asked).not.toHaveProperty('by')
  })
})

describe('a store of the application', () => {
  const through = (ask: Store['ask'], kind = 'own') =>
    new RateLimiter<Call>({ limit: 5, window: 60, store: { kind, ask }, onStoreError: 'deny' })

  test.each([[[]], [[undefined]]])('refuses without saying more than %j', async (counts) => {
    const limit = through(() => ({ done: false, at: 0, counts, banned: [] }))
    const decision = await limit.decide(client(A), {})
    expect(decision).toMatchObject({ allowed: false, reason: 'quota-exceeded', retryAfter: 1 })
  })

  test.each(['own', 'memory'])('called %s may take its time', async (kind) => {
    const counts = [{ used: 1, wait: 0, rest: 60_000, banned: 0 }]
    const limit = through(async () => ({ done: true, at: 0, counts, banned: [] }), kind)
    expect(await limit.decide(client(A), {})).toMatchObject({ allowed: true, by: 'store' })
  })

  const said = { done: false, at: 0, counts: [], banned: [] }
  const count = { used: 9, wait: 1, rest: 1, banned: 0 }
  test.each([
    ...[{}, { done: true, at: 0, banned: [] }, { counts: [undefined] }],
    ...[
      { ...said, banned: 5 },
      { ...said, done: true, counts: [null] },
      { ...said, counts: [{}] },
    ],
    ...[Number.NaN, '1', undefined].map((wait) => ({ ...said, counts: [{ ...count, wait }] })),
  ])('that answers %j has not answered', async (answer) => {
    const limit = through(async () => answer as Answer)
    expect(await limit.decide(client(A), {})).toMatchObject({ allowed: false, by: 'nobody' })
  })
})
