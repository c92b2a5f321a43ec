import { definePolicy, resolve } from '@truehop/identity'
import { RateLimiter } from '@truehop/rate-limit'
import { createRequire } from 'node:module'
import { compare } from './cpu-time.mjs'
const req = createRequire(import.meta.url)
const dir = req.resolve('@fastify/rate-limit').replace(/index\.js$/, '')
const LocalStore = req(dir + 'store/LocalStore.js')
const policy = definePolicy({ hops: [] })
const ids = Array.from({ length: 1000 }, (_, i) => resolve(policy, { peer: `198.51.${i >> 8}.${i & 255}`, headers: {} }))
const ids6 = Array.from({ length: 1000 }, (_, i) => resolve(policy, { peer: `2001:db8:0:${i.toString(16)}::1`, headers: {} }))
const store = new LocalStore(false, false, 5000)
const one = new RateLimiter({ limit: 1e9, window: 60 })
const used = new RateLimiter({ limit: 1, window: 600 })
const two = new RateLimiter({ limits: [{ name: 'a', limit: 1e9, window: 60 }, { name: 'b', limit: 1e9, window: 3600 }] })
const three = new RateLimiter({ limit: 1e6, window: 60, wider: [{ ipv4Prefix: 24, limit: 1e7 }, { ipv4Prefix: 16, limit: 1e8 }] })
let i = 0
const next = () => ids[i = (i + 1) % 1000]
for (const id of ids) used.decide(id, {})
console.log(await compare({
  memory: () => one.decide(next(), {}),
  memory6: () => one.decide(ids6[i = (i + 1) % 1000], {}),
  refused: () => used.decide(next(), {}),
  two: () => two.decide(next(), {}),
  three: () => three.decide(next(), {}),
  fastifyLocalStore: () => store.incr(next().ip, () => {}, 60000, 1e9),
}))
