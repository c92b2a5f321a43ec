import { setTimeout as sleep } from 'node:timers/promises'
import {
  type LimiterOptions,
  type RateLimitDecision,
  RateLimiter,
  type StoreState,
} from '@truehop/rate-limit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { client } from '../../packages/rate-limit/test/identities.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { CLIENTS, type Connected } from './harness/clients.js'
import { RedisServer } from './harness/redis-server.js'
import { SlowRelay } from './harness/slow-relay.js'

const A = client('198.51.100.7')

/** Milliseconds: more than the default, so that a busy machine is not taken for an outage. */
const DEADLINE = 500

/** How Redis can fail, and how it comes back. */
interface Outage {
  readonly begin: (server: RedisServer, relay: SlowRelay) => unknown
  readonly end: (server: RedisServer, relay: SlowRelay) => unknown
  readonly relayed?: true
}

const OUTAGES: readonly [name: string, outage: Outage][] = [
  ['killed', { begin: (server) => server.kill(), end: (server) => server.run() }],
  ['frozen', { begin: (server) => server.freeze(), end: (server) => server.thaw() }],
  [
    'slow',
    {
      relayed: true,
      begin: (_server, relay) => {
        relay.delay = 1_500
      },
      end: (_server, relay) => {
        relay.delay = 0
      },
    },
  ],
  [
    'read-only',
    {
      begin: (server) => server.command('REPLICAOF 127.0.0.1 1'),
      end: (server) => server.command('REPLICAOF NO ONE'),
    },
  ],
]

describeWithPeers(['redis'], 'a store that fails', () => {
  let server: RedisServer
  let relay: SlowRelay
  let connected: Connected

  afterEach(async () => {
    connected.close()
    relay.stop()
    await server.stop()
  })

  describe.each(CLIENTS)('through %s', (_client, connect) => {
    beforeEach(async () => {
      server = await RedisServer.start()
      relay = await SlowRelay.start(server.port)
    })

    function limiter(options: LimiterOptions<object> & { limit?: number }) {
      const defaults = { limit: 3, window: 600, deadline: DEADLINE }
      return new RateLimiter<object>({ ...defaults, ...options, store: connected.store })
    }

    describe.each(OUTAGES)('%s', (_outage, { begin, end, relayed }) => {
      beforeEach(async () => {
        connected = await connect(relayed ? relay.port : server.port)
      })

      test.each([
        ['allow', { allowed: true, by: 'nobody', reason: 'store-error', retryAfter: 0 }],
        ['deny', { allowed: false, by: 'nobody', reason: 'store-error', retryAfter: 1 }],
        ['local', { by: 'local', reason: 'within-limit', allowed: true }],
      ] as const)('every request gets its decision: %s', async (onStoreError, expected) => {
        const limit = limiter({ onStoreError, limit: 100 })
        expect(await limit.decide(A, {})).toMatchObject({ by: 'store', allowed: true })
        await begin(server, relay)
        const decisions = await Promise.all(Array.from({ length: 20 }, () => limit.decide(A, {})))
        for (const decision of decisions) expect(decision).toMatchObject(expected)
        await end(server, relay)
      })

      test('is asked no more after a few failures, and found again without help', async () => {
        const states: StoreState['state'][] = []
        const onStoreState = ({ state }: StoreState) => states.push(state)
        const limit = limiter({ onStoreError: 'allow', onStoreState, limit: 1_000_000 })
        await limit.decide(A, {})
        await begin(server, relay)
        await untilOpen(limit)
        const commands = connected.commands()
        for (let i = 0; i < 5_000; i++) {
          const decision = limit.decide(A, {})
          // Without a promise: nothing is waited for.
          expect(decision).toMatchObject({ allowed: true, by: 'nobody', reason: 'store-error' })
        }
        await sleep(1_500)
        // Probes, one a second, which a client may send again.
        expect(connected.commands() - commands).toBeLessThan(7)
        expect(states).toEqual(['unavailable'])
        await end(server, relay)
        expect(await untilBack(limit)).toMatchObject({ by: 'store' })
        expect(states).toEqual(['unavailable', 'available'])
      })

      test('is insured by this process: nobody is admitted beyond the limit', async () => {
        const limit = limiter({ onStoreError: 'local' })
        await begin(server, relay)
        const decisions: RateLimitDecision[] = []
        for (let i = 0; i < 30; i++) decisions.push(await limit.decide(A, {}))
        expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(3)
        expect(decisions.every(({ by }) => by === 'local')).toBe(true)
        await end(server, relay)
        expect(await untilBack(limit)).toMatchObject({ by: 'store' })
      })
    })

    test('is asked on after one late reply, however many requests waited for it', async () => {
      connected = await connect(server.port)
      const states: StoreState[] = []
      const onStoreState = (state: StoreState) => void states.push(state)
      const limit = limiter({ onStoreError: 'allow', onStoreState, limit: 1_000_000 })
      await limit.decide(A, {})
      server.freeze()
      const late = Array.from({ length: 500 }, () => limit.decide(A, {}))
      for (const decision of await Promise.all(late)) expect(decision.by).toBe('nobody')
      server.thaw()
      expect(limit.decide(A, {})).toBeInstanceOf(Promise)
      expect(await untilBack(limit)).toMatchObject({ by: 'store' })
      expect(states).toEqual([])
    })

    test('goes on counting from nothing after a flush', async () => {
      connected = await connect(server.port)
      const limit = limiter({ onStoreError: 'deny', deadline: 5_000 })
      for (let i = 0; i < 2; i++) await limit.decide(A, {})
      await server.command('FLUSHALL')
      await server.command('SCRIPT FLUSH')
      const after: RateLimitDecision[] = []
      for (let i = 0; i < 4; i++) after.push(await limit.decide(A, {}))
      expect(after.map(({ allowed, by }) => [allowed, by])).toEqual([
        ...Array(3).fill([true, 'store']),
        [false, 'store'],
      ])
    })

    test('goes on counting after a restart between two requests', async () => {
      connected = await connect(server.port)
      const limit = limiter({ onStoreError: 'allow', limit: 6 })
      for (let i = 0; i < 5; i++) await limit.decide(A, {})
      await server.kill()
      await server.run()
      expect(await untilBack(limit)).toMatchObject({ by: 'store', allowed: true })
    })
  })
})

/** Asks until answers come without being waited for. */
async function untilOpen(limit: RateLimiter<object>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const decision = limit.decide(A, {})
    if (!(decision instanceof Promise)) return
    await decision
  }
  throw new Error('the store is still being asked')
}

/** Asks, now and then, until the store has answered. */
async function untilBack(limit: RateLimiter<object>): Promise<RateLimitDecision> {
  for (let i = 0; i < 150; i++) {
    const decision = await limit.decide(A, {})
    if (decision.by === 'store') return decision
    await sleep(100)
  }
  throw new Error('the store is not asked again')
}
