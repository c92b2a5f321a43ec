// One of several processes behind one limit. With each message it asks all the time, until it is told
// to end, and reports when each admitted request was asked and answered, in milliseconds of the
// machine's clock, by whom the decisions were made, and how long the slowest took. Runs on what the
// build wrote.
import { setTimeout as sleep } from 'node:timers/promises'
import { definePolicy, resolve } from '@truehop/identity'
import { RateLimiter } from '@truehop/rate-limit'
import { Cluster, Redis } from 'ioredis'

const identity = resolve(definePolicy({ hops: [] }), { peer: '198.51.100.7', headers: {} })
const now = () => performance.timeOrigin + performance.now()
let isOver = false

process.on('message', (/** @type {any} */ message) => {
  isOver = message === 'end'
  if (!isOver) hammer(message)
})

async function hammer({ limit, window, deadline, connection }) {
  const { cluster, wider = true } = connection
  const redis = cluster === undefined ? new Redis(connection) : new Cluster(cluster)
  const limiter = new RateLimiter({
    limits: [
      { name: 'one', limit, window },
      {
        name: 'two',
        limit: limit * 2,
        window: window * 2,
        // In a cluster, all lines of the client are to be in one slot.
        wider: wider ? [{ ipv4Prefix: 24, limit: limit * 3 }] : [],
      },
    ],
    store: redis,
    onStoreError: 'deny',
    deadline,
  })
  await redis.ping()
  process.send?.('ready')
  process.send?.(await askAllTheTime(limiter))
  redis.disconnect()
}

async function askAllTheTime(limiter) {
  /** @type {{ admitted: number[][], by: Record<string, number>, slowest: number }} */
  const report = { admitted: [], by: {}, slowest: 0 }
  const ask = async () => {
    const asked = now()
    const decision = await limiter.decide(identity, {})
    const answered = now()
    report.by[decision.by] = (report.by[decision.by] ?? 0) + 1
    report.slowest = Math.max(report.slowest, answered - asked)
    if (decision.allowed) report.admitted.push([asked, answered])
  }
  while (!isOver) {
    await Promise.all(Array.from({ length: 1 + Math.floor(Math.random() * 8) }, ask))
    await sleep(Math.random() * 15)
  }
  return report
}
