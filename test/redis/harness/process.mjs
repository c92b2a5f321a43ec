// One of several processes behind one limit: asks as often as it is told, as fast as it can, and
// reports what was admitted. Runs on what the build wrote.
import { definePolicy, resolve } from '@truehop/identity'
import { RateLimiter } from '@truehop/rate-limit'
import { Redis } from 'ioredis'

const [port = 0, limit = 0, requests = 0, clients = 0, network = 0] = process.argv
  .slice(2)
  .map(Number)
const policy = definePolicy({ hops: [] })
const redis = new Redis({ host: '127.0.0.1', port })
const limiter = new RateLimiter({
  limit,
  window: 600,
  store: redis,
  onStoreError: 'deny',
  deadline: 20_000,
  wider: network > 0 ? [{ ipv4Prefix: 24, limit: network }] : [],
})
await redis.ping()
process.send?.('ready')
process.once('message', async () => {
  const admitted = Array(clients).fill(0)
  const decide = async (i) => {
    const client = i % clients
    const identity = resolve(policy, { peer: `198.51.100.${client}`, headers: {} })
    const decision = await limiter.decide(identity, {})
    if (decision.allowed) admitted[client]++
    return decision.by
  }
  const by = await Promise.all(Array.from({ length: requests }, (_, i) => decide(i)))
  process.send?.({ admitted, unanswered: by.filter((who) => who !== 'store').length })
  await redis.quit()
  process.disconnect()
})
