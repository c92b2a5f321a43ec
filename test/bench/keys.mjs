// What a limiter in memory costs as clients become many: node --expose-gc keys.mjs <clients>

import { definePolicy, resolve } from '@truehop/identity'
import { RateLimiter } from '@truehop/rate-limit'
import { cpuNow, median } from './cpu-time.mjs'
import { ipv4 } from './inputs.mjs'

const CALLS = 100_000
const ROUNDS = 5

const count = Number(process.argv[2])
const limiter = new RateLimiter({ limit: 1_000_000, window: 3600, maxKeys: 2_000_000 })
const policy = definePolicy({ hops: [] })
const identityOf = (i) => resolve(policy, { peer: ipv4(0x0b000000 + i) })

// Compiled on clients of its own.
const other = new RateLimiter({ limit: 100, window: 60 })
for (let i = 0; i < 50_000; i++) await other.decide(identityOf(i % 100), {})

const before = held()
for (let i = 0; i < count; i++) await limiter.decide(identityOf(i), {})
const bytes = (held() - before) / count

const samples = []
for (let round = 0; round < ROUNDS; round++) samples.push(await nanosecondsOfDecisions(round))
console.log(JSON.stringify({ ns: median(samples), bytes }))

/** With what is outside of the heap. */
function held() {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** For each of them an identity of its own, as for each request; made beforehand, and not measured. */
async function nanosecondsOfDecisions(round) {
  const identities = Array.from({ length: CALLS }, (_, i) =>
    identityOf(((round * CALLS + i) * 7919) % count),
  )
  const started = cpuNow()
  for (const identity of identities) await limiter.decide(identity, {})
  return (cpuNow() - started) / CALLS
}
