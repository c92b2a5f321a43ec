import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { defineAllowlist } from '@truehop/allowlist'
import {
  type BanMessage,
  type DenyList,
  MemoryStore,
  type RateLimitDecision,
  RateLimiter,
  type RateLimitOptions,
  type Store,
} from '@truehop/rate-limit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BAN_CHANNEL } from '../src/respond/channels.js'
import { client } from './identities.js'

interface Call {
  readonly user?: string
  readonly plan?: 'free' | 'paid'
  readonly path?: string
  readonly tokens?: number
}

const A = '198.51.100.7'
const B = '203.0.113.9'
const C = '2001:db8::1'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function limiter(options: RateLimitOptions<Call>) {
  const built = new RateLimiter<Call>(options)
  const ask = (ip: string, call: Call = {}) => built.decide(client(ip), call) as RateLimitDecision
  const admitted = (n: number, ip: string, call: Call = {}) =>
    Array.from({ length: n }, () => ask(ip, call)).filter((decision) => decision.allowed).length
  const settle = (
    decision: RateLimitDecision,
    statusCode: number | undefined,
    request: Call = {},
  ) => built.settle(decision, { request, identity: decision.identity, statusCode })
  return { built, ask, admitted, settle }
}

describe('plans', () => {
  test('are numbers of the request and the identity', () => {
    const { ask, admitted } = limiter({
      limit: ({ plan }) => (plan === 'paid' ? 20 : 2),
      window: (_call, identity) => (identity.status === 'resolved' ? 60 : 600),
      key: ({ user }) => user,
    })
    expect(admitted(50, A, { user: 'ada', plan: 'paid' })).toBe(20)
    expect(admitted(50, A, { user: 'bob', plan: 'free' })).toBe(2)
    const [standing] = ask(A, { user: 'bob', plan: 'free' }).standings
    expect(standing?.quota).toMatchObject({ limit: 2, window: 60 })
  })

  test('of another window share nothing with a limit of a similar name', () => {
    const store = new MemoryStore(1000)
    const plan = limiter({ name: 'a', limit: 3, window: () => 60, store })
    for (const name of ['a 60s', 'a\\n60s', 'a/60']) {
      const other = limiter({ name, limit: 3, window: 60, store })
      expect(other.admitted(9, A)).toBe(3)
    }
    expect(plan.admitted(9, A)).toBe(3)
  })

  test('of any window that a client may ask for take no more memory than some', () => {
    const store = new MemoryStore(10_000)
    const { ask } = limiter({ limit: 3, window: ({ user }) => Number(user), store })
    for (let i = 1; i <= 5000; i++) ask(A, { user: String(600 + i) })
    expect(store.size).toBeLessThanOrEqual(100)
  })

  test('that are not numbers throw, rather than allow', () => {
    const { ask } = limiter({ limit: () => Number.NaN, window: 60 })
    expect(() => ask(A)).toThrow('return an integer from 1')
  })
})

describe('a key that is counted alone', () => {
  const { account, network } = {
    account: {
      name: 'account',
      limit: 5,
      window: 60,
      standalone: true,
      key: ({ user }: Call) => user,
    },
    network: { name: 'network', limit: 3, window: 60 },
  }

  test('is one account over networks and families', () => {
    const { ask } = limiter(account)
    const ips = [A, B, C, '192.0.2.1', '2001:db8:9::1', '192.0.2.2', '192.0.2.3']
    expect(ips.filter((ip) => ask(ip, { user: 'ada' }).allowed)).toHaveLength(5)
    expect(ask(A, { user: 'bob' }).allowed).toBe(true)
  })

  test('works next to a limit of the network, and what either refuses is charged to neither', async () => {
    const { admitted, built } = limiter({ limits: [network, account] })
    expect(admitted(10, A, { user: 'ada' })).toBe(3)
    expect(await built.peek({ key: 'ada', limit: 'account' })).toMatchObject([{ remaining: 2 }])
    expect(admitted(10, B, { user: 'ada' })).toBe(2)
    expect(await built.peek({ client: B, limit: 'network' })).toMatchObject([{ remaining: 1 }])
  })

  test('does not count a request without one', () => {
    const { ask, admitted } = limiter(account)
    expect(admitted(20, A)).toBe(20)
    expect(ask(A)).toMatchObject({ reason: 'not-counted' })
  })
})

describe('counting by outcome', () => {
  const options: RateLimitOptions<Call> = {
    limit: 3,
    window: 60,
    charge: ({ statusCode }) => statusCode === 401,
  }

  test('keeps what failed, and gives the rest back', () => {
    const { ask, settle, admitted } = limiter(options)
    for (let i = 0; i < 10; i++) settle(ask(A), 200)
    for (let i = 0; i < 2; i++) settle(ask(A), 401)
    expect(admitted(5, A)).toBe(1)
  })

  test('admits no more at the same moment than there are units, whatever comes of them', () => {
    const { ask } = limiter(options)
    const open = Array.from({ length: 10 }, () => ask(A))
    expect(open.filter(({ allowed }) => allowed)).toHaveLength(3)
  })

  test('gives back once, however often it is called', () => {
    const { ask, settle, admitted } = limiter(options)
    const first = ask(A)
    settle(ask(A), 401)
    settle(ask(A), 401)
    for (let i = 0; i < 5; i++) settle(first, 200)
    expect(admitted(5, A)).toBe(1)
  })

  test('charges what is known only afterwards, beyond the limit too', async () => {
    const { ask, settle, built } = limiter({
      limit: 100,
      window: 60,
      charge: ({ request }) => request.tokens ?? 0,
    })
    settle(ask(A), 200, { tokens: 130 })
    expect(await built.peek({ client: A })).toMatchObject([{ remaining: 0, exceeded: true }])
  })

  test('charges no more than any limit can be, so that no count becomes infinite', () => {
    const asked: number[] = []
    const memory = new MemoryStore(100)
    const store: Store = {
      kind: 'asked',
      ask(act, lines) {
        if (act.do === 'charge') asked.push(...lines.map(({ cost }) => cost))
        return memory.ask(act, lines)
      },
    }
    const built = new RateLimiter<Call>({ ...options, store, charge: () => Number.MAX_VALUE })
    return Promise.resolve(built.decide(client(A), {})).then((decision) => {
      built.settle(decision, { request: {}, identity: decision.identity, statusCode: 200 })
      expect(asked).toEqual([999_999_999_999_998])
    })
  })

  test('gives nothing back where the function fails, and says so', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { ask, settle, admitted } = limiter({ ...options, charge: () => 0.5 })
    settle(ask(A), 200)
    expect(admitted(5, A)).toBe(2)
    await vi.advanceTimersByTimeAsync(0)
    expect(warned.mock.calls[0]?.[0]).toContain('return true, false or an integer')
    warned.mockRestore()
  })
})

describe('a budget of requests at the same time', () => {
  test('has room again when one has been answered, and after the window at the latest', () => {
    const { ask, settle } = limiter({ limit: 2, window: 30, concurrent: true })
    const [one] = [ask(A), ask(A)]
    expect(ask(A)).toMatchObject({ allowed: false, retryAfter: 1 })
    settle(one, undefined)
    expect(ask(A)).toMatchObject({ allowed: true })
    expect(ask(A)).toMatchObject({ allowed: false })
    vi.advanceTimersByTime(30_000)
    expect(ask(A)).toMatchObject({ allowed: true })
  })
})

describe('a shadow', () => {
  test('counts and says what it would have refused, and refuses nobody', () => {
    const { ask, admitted } = limiter({
      limits: [
        { name: 'real', limit: 5, window: 60 },
        { name: 'trial', limit: 2, window: 60, shadow: true },
      ],
    })
    expect(admitted(3, A)).toBe(3)
    const decision = ask(A)
    expect(decision.allowed).toBe(true)
    expect(decision.shadows).toMatchObject([{ quota: { name: 'trial' }, exceeded: true }])
    expect(decision.quotas.map(({ name }) => name)).toEqual(['real'])
  })

  test('is shown where that is asked for', () => {
    const { ask } = limiter({ limit: 2, window: 60, shadow: 'headers' })
    expect(ask(A).quotas).toHaveLength(1)
  })
})

describe('a ban', () => {
  test('comes after a number of refusals, is published once with its network, and backs off', () => {
    const told: BanMessage[] = []
    const heard: unknown[] = []
    const listen = (message: unknown) => heard.push(message)
    subscribe(BAN_CHANNEL, listen)
    const ban = { after: 3, for: 300 }
    const { ask, admitted } = limiter({ limit: 1, window: 10, ban, onBan: (one) => told.push(one) })
    admitted(10, A)
    expect(told).toMatchObject([
      { limit: 'default', key: A, isNetwork: true, shadow: false, seconds: 300 },
    ])
    expect(ask(A)).toMatchObject({ allowed: false, reason: 'blocked', retryAfter: 300 })
    vi.advanceTimersByTime(300_000)
    admitted(10, A)
    expect(told.map(({ seconds }) => seconds)).toEqual([300, 600])
    expect(heard).toEqual(told)
    unsubscribe(BAN_CHANNEL, listen)
  })

  test('of a shadow says that it is one, for those who keep a list of their own', () => {
    const told: BanMessage[] = []
    const onBan = (one: BanMessage) => told.push(one)
    const { admitted } = limiter({ limit: 1, window: 10, ban: { for: 300 }, shadow: true, onBan })
    expect(admitted(5, A)).toBe(5)
    expect(told).toMatchObject([{ key: A, isNetwork: true, shadow: true }])
  })
})

describe('the deny list of a limiter', () => {
  const banned = (denyList: DenyList, more: object = {}) => {
    const { admitted } = limiter({ limit: 1, window: 10, ban: { for: 300 }, denyList, ...more })
    for (const ip of [A, C]) admitted(5, ip)
  }

  test('gets the banned network, how long, and why', () => {
    const added: unknown[] = []
    banned({ add: (...entry) => added.push(entry) })
    const options = { ttl: 300, note: 'exceeded rate limit "default"' }
    expect(added).toEqual([
      [A, options],
      ['2001:db8::/64', options],
    ])
  })

  test('is a list of @truehop/allowlist, in one line', () => {
    const list = defineAllowlist({ deny: [] })
    banned({ add: (entry, options) => list.add('deny', entry, options) })
    expect([A, B, C].map((ip) => list.decide(client(ip)).allowed)).toEqual([false, true, false])
  })

  test('gets nothing of a shadow, nor of an account', () => {
    const added: unknown[] = []
    const list = { add: (entry: string) => added.push(entry) }
    banned(list, { shadow: true })
    banned(list, { key: () => 'ada', standalone: true })
    expect(added).toEqual([])
  })

  test('may fail without a consequence for requests', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    banned({ add: () => Promise.reject(new Error('away')) })
    banned({
      add: () => {
        throw new Error('full')
      },
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(warned.mock.calls.length).toBeGreaterThan(1)
    warned.mockRestore()
  })

  test('is refused at start where its add would take the entry for a side', () => {
    const list = defineAllowlist({ deny: [] })
    expect(() => limiter({ limit: 1, window: 10, denyList: list as object as DenyList })).toThrow(
      "write { add: (entry, options) => list.add('deny', entry, options) }",
    )
  })
})

describe('an allow list', () => {
  test('leaves its clients out', () => {
    const { ask, admitted } = limiter({ limit: 1, window: 60, allow: ['198.51.100.0/24'] })
    expect(admitted(5, A)).toBe(5)
    expect(ask(A)).toMatchObject({ reason: 'not-counted' })
    expect(admitted(5, B)).toBe(1)
  })
})

describe('slowing down', () => {
  test('makes requests wait longer and longer before the limit refuses them', () => {
    const slowDown = { after: 2, delay: 100, longest: 250 }
    const { ask } = limiter({ limit: 6, window: 60, slowDown })
    const delays = Array.from({ length: 7 }, () => ask(A).delay)
    expect(delays).toEqual([0, 0, 100, 200, 250, 250, 0])
  })

  test.each([true, 'headers'] as const)('holds up nobody as a shadow: %s', (shadow) => {
    const { ask } = limiter({ limit: 6, window: 60, slowDown: { after: 0, delay: 100 }, shadow })
    expect(Array.from({ length: 3 }, () => ask(A).delay)).toEqual([0, 0, 0])
  })
})

describe('an operator', () => {
  test('looks without a charge', async () => {
    const { built, admitted } = limiter({ limit: 3, window: 60 })
    admitted(1, A)
    for (let i = 0; i < 5; i++) {
      expect(await built.peek({ client: A })).toMatchObject([{ remaining: 2, exceeded: false }])
    }
  })

  test('resets, blocks and rewards', async () => {
    const { built, admitted, ask } = limiter({ limit: 3, window: 60 })
    expect(admitted(5, A)).toBe(3)
    await built.reset({ client: A })
    expect(admitted(5, A)).toBe(3)
    await built.reward({ client: A }, 2)
    expect(admitted(5, A)).toBe(2)
    await built.block({ client: B }, 120)
    expect(ask(B)).toMatchObject({ allowed: false, reason: 'blocked', retryAfter: 120 })
    await built.reset({ client: B })
    expect(ask(B)).toMatchObject({ allowed: true })
  })

  test('is reported if a subject names nobody', async () => {
    const { built } = limiter({ limit: 3, window: 60 })
    await expect(built.peek({ key: 'ada' })).rejects.toThrow("write { client: '198.51.100.7' }")
    await expect(built.peek({ client: 'host.example' })).rejects.toThrow('must be an address')
    await expect(built.block({ client: A }, 0)).rejects.toThrow('above 0')
  })
})
