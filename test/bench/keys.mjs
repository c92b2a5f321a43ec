// What a limiter in memory costs as clients become many: node --expose-gc keys.mjs <clients>

import { definePolicy, resolve } from '@truehop/identity'
import { RateLimiter } from '@truehop/rate-limit'
import { cpuNow } from './cpu-time.mjs'
import { ipv4 } from './inputs.mjs'

const count = Number(process.argv[2])
const limiter = new RateLimiter({ limit: 100, window: 3600, maxKeys: 2_000_000 })
const policy = definePolicy({ hops: [] })
const identityOf = (i) => resolve(policy, { peer: ipv4(0x0b000000 + i) })

// Compiled on clients of its own.
const other = new RateLimiter({ limit: 100, window: 60 })
for (let i = 0; i < 50_000; i++) await other.decide(identityOf(i % 100))
globalThis.gc()
const before = process.memoryUsage().heapUsed
for (let i = 0; i < count; i++) await limiter.decide(identityOf(i))
globalThis.gc()
const bytes = (process.memoryUsage().heapUsed - before) / count
const calls = 100_000
const started = cpuNow()
for (let i = 0; i < calls; i++) await limiter.decide(identityOf((i * 7919) % count))
const ns = (cpuNow() - started) / calls
console.log(JSON.stringify({ ns, bytes }))
// Its windows would keep the process alive.
process.exit()
