import { setTimeout as sleep } from 'node:timers/promises'
import { type Limit, RateLimiter, type RateLimitOptions } from '@truehop/rate-limit'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { client } from '../../packages/rate-limit/test/identities.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { CLIENTS, CLUSTER_CLIENTS, type Connected } from './harness/clients.js'
import { RedisServer } from './harness/redis-server.js'
import { SlowRelay } from './harness/slow-relay.js'

const A = '198.51.100.7'
const B = '203.0.113.9'

interface Call {
  readonly units?: number
  readonly user?: string
}

/** Long enough not to play a part: these suites are about what the store counts. */
const PATIENT = { onStoreError: 'deny', deadline: 10_000 } as const

describeWithPeers(['redis'], 'a limit in Redis', () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await RedisServer.start()
  })

  afterAll(async () => {
    await server.stop()
  })

  describe.each(CLIENTS)('through %s', (_name, connect) => {
    let connected: Connected

    beforeEach(async () => {
      await server.command('FLUSHALL')
      connected = await connect(server.port)
    })

    afterEach(() => connected.close())

    function limiter(options: RateLimitOptions<Call>) {
      return new RateLimiter<Call>({ ...PATIENT, ...options, store: connected.store })
    }

    async function admitted(limit: RateLimiter<Call>, ips: readonly string[], call: Call = {}) {
      let count = 0
      for (const ip of ips) if ((await limit.decide(client(ip), call)).allowed) count++
      return count
    }

    test('admits as many requests a window as it says, for each client', async () => {
      const limit = limiter({ limit: 3, window: 60 })
      expect(await admitted(limit, times(10, A))).toBe(3)
      expect(await admitted(limit, times(10, B))).toBe(3)
    })

    test('counts in keys that end with their window, an eighth of it later at most', async () => {
      await admitted(limiter({ limit: 3, window: 60 }), [A, '2001:db8:1:2::3'])
      const keys = (await server.command('KEYS *'))
        .split('\r\n')
        .filter((line) => line.includes(':'))
      expect(keys.toSorted()).toEqual([
        `truehop:rate-limit:{${A}}:default:s60`,
        'truehop:rate-limit:{2001:db8:1:2::/64}:default:s60',
      ])
      for (const key of keys) {
        const ttl = Number((await server.command(`TTL ${key}`)).slice(1))
        expect(ttl).toBeGreaterThan(0)
        expect(ttl).toBeLessThanOrEqual(60 * (1 + 1 / 8))
      }
    })

    test('takes what is not its own under its key for nothing, and counts on', async () => {
      await server.command(`SET truehop:rate-limit:{${A}}:default:s60 2`)
      expect(await admitted(limiter({ limit: 3, window: 60 }), times(5, A))).toBe(3)
    })

    test('decides several limits and widths, asked together, in one command', async () => {
      const limit = limiter({
        limits: [
          { name: 'burst', limit: 30, window: 1, wider: [{ ipv4Prefix: 24, limit: 50 }] },
          { name: 'daily', limit: 5000, window: 86_400 },
          { name: 'account', limit: 9, window: 60, key: ({ user }) => user, standalone: true },
        ],
      })
      await limit.decide(client(A), { user: 'ada' })
      const before = connected.commands()
      const asked = times(20, A).map((ip) => limit.decide(client(ip), { user: 'ada' }))
      const decisions = await Promise.all(asked)
      expect(decisions.filter((decision) => decision.allowed)).toHaveLength(8)
      expect(connected.commands() - before).toBe(1)
    })

    test('is not asked about a key that is used up, until its end', async () => {
      const limit = limiter({ limit: 2, window: 600 })
      await admitted(limit, times(3, A))
      const before = connected.commands()
      const refused = await limit.decide(client(A), {})
      expect(refused).toMatchObject({ allowed: false, by: 'store', reason: 'quota-exceeded' })
      expect(refused.retryAfter).toBeGreaterThan(590)
      expect(connected.commands()).toBe(before)
      expect(await admitted(limit, [B])).toBe(1)
    })

    test('admits again when the window has ended', async () => {
      const limit = limiter({ limit: 2, window: 1 })
      expect(await admitted(limit, times(4, A))).toBe(2)
      await sleep(1_100)
      expect(await admitted(limit, times(4, A))).toBe(2)
    })

    test('does not admit one more however many ask in the same moment', async () => {
      const limit = limiter({ limit: 20, window: 60 })
      const decisions = await Promise.all(times(300, A).map((ip) => limit.decide(client(ip), {})))
      expect(decisions.filter((decision) => decision.allowed)).toHaveLength(20)
      expect(decisions.every(({ by }) => by === 'store')).toBe(true)
    })

    test('shares one count among all limiters of a name', async () => {
      const one = limiter({ limit: 5, window: 60, name: 'api' })
      const two = limiter({ limit: 5, window: 60, name: 'api' })
      const other = limiter({ limit: 5, window: 60, name: 'login' })
      const sum = (await admitted(one, times(4, A))) + (await admitted(two, times(4, A)))
      expect(sum).toBe(5)
      expect(await admitted(other, times(9, A))).toBe(5)
    })

    test.each<Limit<Call>>([
      { limit: 5, window: 1 },
      { limit: 5, window: 600, algorithm: 'token-bucket' },
      { limit: 5, window: 600, algorithm: 'fixed-window', ban: { after: 1, for: 600 } },
    ])('holds beside that of another service with the same name: %j', async (options) => {
      const elsewhere = await connect(server.port)
      const own = limiter({ limit: 5, window: 600 })
      const other = new RateLimiter<Call>({ ...PATIENT, ...options, store: elsewhere.store })
      let sum = 0
      for (let i = 0; i < 9; i++) {
        sum += await admitted(own, [A])
        await admitted(other, [A])
        await sleep(options.window === 1 ? 130 : 0)
      }
      elsewhere.close()
      expect(sum).toBe(5)
    })

    test('gives room to a faster plan where a slower one is used up', async () => {
      const bucket = { algorithm: 'token-bucket', burst: 1, window: 60 } as const
      const limit = limiter({ ...bucket, limit: ({ units = 1 }) => units })
      expect(await admitted(limit, times(3, A))).toBe(1)
      await sleep(20)
      expect(await admitted(limit, [A], { units: 60_000 })).toBe(1)
    })

    test('takes the cost, and counts users apart', async () => {
      const limit = limiter({
        limit: 10,
        window: 60,
        cost: ({ units = 1 }) => units,
        key: ({ user }) => user,
      })
      expect(await admitted(limit, times(5, A), { units: 4, user: 'ada' })).toBe(2)
      expect(await admitted(limit, times(5, A), { units: 5, user: 'bob' })).toBe(2)
      expect(await admitted(limit, times(5, B), { units: 5, user: 'ada' })).toBe(2)
    })

    test('is not charged for a cost that no counter holds', async () => {
      const limit = limiter({ limit: 10, window: 60, cost: ({ units = 1 }) => units })
      const units = Number.MAX_SAFE_INTEGER
      expect(await admitted(limit, times(3, A), { units })).toBe(0)
      expect(await admitted(limit, times(20, A))).toBe(10)
    })

    test('blocks longer than the window', async () => {
      const limit = limiter({ limit: 1, window: 1, blockDuration: 600 })
      await admitted(limit, times(2, A))
      await sleep(1_100)
      const decision = await limit.decide(client(A), {})
      expect(decision).toMatchObject({ allowed: false, reason: 'blocked' })
      expect(decision.retryAfter).toBeGreaterThan(590)
    })

    test('holds several limits at once, and charges one not for what the other refused', async () => {
      const limit = limiter({
        limits: [
          { name: 'burst', limit: 3, window: 2 },
          { name: 'daily', limit: 5, window: 86_400 },
        ],
      })
      expect(await admitted(limit, times(20, A))).toBe(3)
      await sleep(2_100)
      expect(await admitted(limit, times(20, A))).toBe(2)
    })

    test('stops a client that rotates, at the widest network that is used up, and writes nothing more', async () => {
      const limit = limiter({ limit: 10, window: 60, wider: [{ ipv6Prefix: 48, limit: 25 }] })
      const rotating = Array.from({ length: 200 }, (_, i) => `2001:db8:1:${i.toString(16)}::1`)
      expect(await admitted(limit, rotating)).toBe(25)
      expect(await server.command('DBSIZE')).toBe(':26\r\n')
    })

    test('does not let one network use up what its neighbours share with it', async () => {
      const limit = limiter({ limit: 10, window: 60, wider: [{ ipv6Prefix: 48, limit: 25 }] })
      expect(await admitted(limit, times(100, '2001:db8:1:1::1'))).toBe(10)
      expect(await admitted(limit, times(100, '2001:db8:1:2::1'))).toBe(10)
      expect(await admitted(limit, times(100, '2001:db8:1:3::1'))).toBe(5)
    })
  })
})

describeWithPeers(['redis'], 'a limit in a Redis cluster', () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await RedisServer.startCluster()
  })

  afterAll(async () => {
    await server.stop()
  })

  test.each(CLUSTER_CLIENTS)(
    'is counted through %s, each key in its slot',
    async (name, connect) => {
      const { store, close } = await connect(server.port)
      try {
        const wider = [{ ipv4Prefix: 24, limit: 12 }]
        const limit = { name, limit: 5, window: 60, blockDuration: 90, wider }
        const limiter = new RateLimiter({ ...PATIENT, ...limit, store })
        let admitted = 0
        for (let i = 0; i < 40; i++) {
          const decision = await limiter.decide(client(`198.51.100.${i % 4}`), {})
          expect(decision.by).toBe('store')
          if (decision.allowed) admitted++
        }
        expect(admitted).toBe(12)
      } finally {
        close()
      }
    },
  )
})

describeWithPeers(['redis'], 'a client with enableAutoPipelining', () => {
  test('sends what is asked before the answer to what was asked earlier', async () => {
    const server = await RedisServer.start()
    const relay = await SlowRelay.start(server.port)
    const store = new Redis({ host: '127.0.0.1', port: relay.port, enableAutoPipelining: true })
    try {
      const limiter = new RateLimiter({ ...PATIENT, limit: 3, window: 60, store })
      await limiter.decide(client(A), {})
      relay.delay = 3000
      let isAnswered = false
      const earlier = Promise.resolve(limiter.decide(client(A), {})).then(() => {
        isAnswered = true
      })
      await callsOfScript(server, 2)
      const later = limiter.decide(client(A), {})
      await callsOfScript(server, 3)
      expect(isAnswered).toBe(false)
      await Promise.all([earlier, later])
    } finally {
      store.disconnect()
      relay.stop()
      await server.stop()
    }
  })
})

async function callsOfScript(server: RedisServer, calls: number): Promise<void> {
  for (;;) {
    const stats = await server.command('INFO commandstats')
    if (Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0) >= calls) return
    await sleep(10)
  }
}

function times(n: number, ip: string): string[] {
  return Array.from({ length: n }, () => ip)
}
