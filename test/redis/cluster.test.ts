import { setTimeout as sleep } from 'node:timers/promises'
import { type RateLimitDecision, RateLimiter, type StoreState } from '@truehop/rate-limit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { crc16, slotOf } from '../../packages/rate-limit/src/store/redis/hash-slot.js'
import { client } from '../../packages/rate-limit/test/identities.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { CLUSTER_CLIENTS, type Connected } from './harness/clients.js'
import { moveSlot, RedisCluster } from './harness/redis-cluster.js'

test('a slot is the one of the Redis cluster specification', () => {
  // Its appendix A gives the check value of CRC-16/XMODEM.
  expect(crc16('123456789')).toBe(0x31c3)
  // What `CLUSTER KEYSLOT user1000` says, the tag of `{user1000}.following`.
  expect(slotOf('user1000')).toBe(3443)
})

const ips = Array.from({ length: 60 }, (_, i) => `198.51.100.${i}`)

describeWithPeers(['redis'], 'a Redis cluster of three masters', () => {
  let cluster: RedisCluster
  let connected: Connected

  afterEach(async () => {
    connected.close()
    await cluster.stop()
  })

  describe.each(CLUSTER_CLIENTS)('through %s', (_name, connect) => {
    beforeEach(async () => {
      cluster = await RedisCluster.start()
      connected = await connect(cluster.port)
    })

    const ask = (limiter: RateLimiter<object>, of: readonly string[]) =>
      Promise.all(of.map(async (ip) => ({ ip, decision: await limiter.decide(client(ip), {}) })))

    test('whose one master is dead is counted on for the clients of the others', async () => {
      const states: StoreState[] = []
      const limiter = new RateLimiter<object>({
        limit: 1_000_000,
        window: 600,
        store: connected.store,
        onStoreError: 'deny',
        // More than the default, so that a busy machine is not taken for a node that is dead.
        deadline: 1_500,
        onStoreState: (state) => states.push(state),
      })
      const before = await ask(limiter, ips)
      expect(before.every(({ decision }) => decision.by === 'store')).toBe(true)
      const dead = cluster.nodes[2]
      const isOfDead = (ip: string) => cluster.nodeOf(slotOf(ip)) === dead
      expect(ips.filter(isOfDead).length).toBeGreaterThan(5)
      await dead?.kill()
      const answers: { ip: string; decision: RateLimitDecision }[] = []
      for (let round = 0; round < 15; round++) {
        answers.push(...(await ask(limiter, ips)))
        await sleep(100)
      }
      const healthy = answers.filter(({ ip }) => !isOfDead(ip))
      expect(healthy.every(({ decision }) => decision.by === 'store' && decision.allowed)).toBe(
        true,
      )
      const others = answers.filter(({ ip }) => isOfDead(ip))
      expect(others.every(({ decision }) => decision.reason === 'store-error')).toBe(true)
      // Once the breaker of the dead one is open, nobody waits for it.
      expect(states.map(({ state, node }) => [state, node])).toEqual([
        ['unavailable', `127.0.0.1:${dead?.port}`],
      ])
      await dead?.run()
      await backFor(limiter, ips.filter(isOfDead))
    })

    test('holds a limit of the network beside one of an account, in two slots', async () => {
      const limiter = new RateLimiter<{ readonly user: string }>({
        limits: [
          { name: 'network', limit: 3, window: 600 },
          { name: 'account', limit: 4, window: 600, key: ({ user }) => user, standalone: true },
        ],
        store: connected.store,
        onStoreError: 'deny',
        deadline: 5_000,
      })
      let admitted = 0
      for (const ip of ips.slice(0, 5)) {
        for (let i = 0; i < 4; i++) {
          const decision = await limiter.decide(client(ip), { user: 'ada' })
          expect(decision.by).toBe('store')
          if (decision.allowed) admitted++
        }
      }
      expect(admitted).toBe(4)
      // What the account refused is given back to the networks.
      const network = () => limiter.peek({ client: '198.51.100.4', limit: 'network' })
      await expect.poll(network).toMatchObject([{ remaining: 3 }])
    })

    test('counts on where a slot was moved', async () => {
      const limiter = new RateLimiter<object>({
        limit: 5,
        window: 600,
        store: connected.store,
        onStoreError: 'deny',
        deadline: 5_000,
      })
      const ip = ips[0] ?? ''
      for (let i = 0; i < 3; i++) await limiter.decide(client(ip), {})
      await moveSlot(cluster, slotOf(ip))
      const decisions = await Promise.all([1, 2, 3, 4].map(() => limiter.decide(client(ip), {})))
      expect(decisions.map(({ by }) => by)).toEqual(Array(4).fill('store'))
      expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(2)
    })
  })
})

async function backFor(limiter: RateLimiter<object>, of: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const all = await Promise.all(of.map((ip) => limiter.decide(client(ip), {})))
    if (all.every(({ by }) => by === 'store')) return
    await sleep(100)
  }
  throw new Error('the node is not asked again')
}
