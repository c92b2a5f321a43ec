// A limit counted in Redis: 64 requests at once, and decisions while Redis is frozen.

import { once } from 'node:events'
import { definePolicy, resolve } from '@truehop/identity'
import { RateLimiter } from '@truehop/rate-limit'
import { Redis } from 'ioredis'
import { RedisStore } from 'rate-limit-redis'
import { inTurn, median } from './cpu-time.mjs'
import { ipv4, many } from './inputs.mjs'
import { cpuOf, startRedis } from './redis-server.mjs'

const AT_ONCE = 64
const UNLIMITED = 1_000_000_000
/** Milliseconds that anyone may take with a frozen store before we stop waiting. */
const PATIENCE = 2000

const policy = definePolicy({ hops: [] })
const identities = many(1000, (i) => resolve(policy, { peer: ipv4(0xc6336400 + i) }))

/** Decisions in place of Redis, which gave no answer in time: not what is to be measured. */
let inPlaceOfRedis = 0

/** Each takes an identity and comes to a decision. */
async function limiters(client, name = 'bench') {
  const limiter = new RateLimiter({ name, limit: UNLIMITED, window: 60, store: client })
  const store = new RedisStore({ sendCommand: (...args) => client.call(...args) })
  /** @type {any} Only that is read of the options. */
  const options = { windowMs: 60_000 }
  await store.init(options)
  return {
    truehop: async (identity) => {
      const { by } = await limiter.decide(identity, {})
      if (by !== 'store') inPlaceOfRedis++
    },
    peer: async (identity) => store.increment(identity.ip),
  }
}

/** Short turns in each round, as of servers. */
const TURNS = 5

export async function redisLimits({ rounds = 9, requests = 6400 } = {}) {
  const redis = await startRedis()
  if (redis === undefined) return undefined
  const client = new Redis(redis.port, '127.0.0.1')
  client.on('error', () => {})
  try {
    const decide = await limiters(client)
    const atOnce = await decisions(redis.child.pid, decide, rounds, requests)
    const pipelined = await autoPipelined(redis, rounds, requests)
    await answered(decide.truehop)
    return { atOnce, pipelined, frozen: await frozen(redis.child, decide) }
  } finally {
    client.disconnect()
    redis.child.kill('SIGCONT')
    redis.child.kill('SIGKILL')
    await once(redis.child, 'exit')
  }
}

/** The same with a client that gathers the commands of a turn into one pipeline, for both of them. */
async function autoPipelined({ port, child }, rounds, requests) {
  const client = new Redis(port, '127.0.0.1', { enableAutoPipelining: true })
  client.on('error', () => {})
  try {
    return await decisions(child.pid, await limiters(client, 'pipelined'), rounds, requests)
  } finally {
    client.disconnect()
  }
}

async function decisions(pid, decide, rounds, requests) {
  const before = inPlaceOfRedis
  const samples = { truehop: [], peer: [] }
  for (let round = -1; round < rounds * TURNS; round++) {
    for (const [name, one] of inTurn(decide, round)) {
      const started = cpuTime(pid)
      const sample = { ...(await batches(one, requests)), cpu: 0 }
      sample.cpu = (cpuTime(pid) - started) / requests
      if (round >= 0) samples[name].push(sample)
    }
  }
  const middle = (name, of) => median(samples[name].map((sample) => sample[of]))
  const row = (name) => ({
    perSecond: middle(name, 'perSecond'),
    p99: middle(name, 'p99'),
    cpu: middle(name, 'cpu'),
  })
  const inPlace = inPlaceOfRedis - before
  return { truehop: row('truehop'), peer: row('peer'), inPlaceOfRedis: inPlace }
}

/** Microseconds of this process and of the server. */
function cpuTime(pid) {
  const { user, system } = process.cpuUsage()
  return user + system + cpuOf(pid)
}

async function batches(decide, requests) {
  const waits = []
  const started = performance.now()
  for (let sent = 0; sent < requests; sent += AT_ONCE) {
    const timed = many(AT_ONCE, async (i) => {
      const asked = performance.now()
      await decide(identities[(sent + i) % identities.length])
      waits.push(performance.now() - asked)
    })
    await Promise.all(timed)
  }
  const perSecond = (1000 * requests) / (performance.now() - started)
  waits.sort((a, b) => a - b)
  return { perSecond, p99: waits[Math.floor(waits.length * 0.99)] }
}

/** Until Redis is asked, also where it was given up for a while. */
async function answered(decide) {
  for (let i = 0; i < 100; i++) {
    const before = inPlaceOfRedis
    await decide(identities[0])
    if (inPlaceOfRedis === before) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('Redis does not answer any more')
}

/** Milliseconds of the first decision of a frozen store, and of later ones. */
async function frozen(child, { truehop, peer }) {
  child.kill('SIGSTOP')
  const slow = peer(identities[0]).then(
    () => 'answered',
    () => 'failed',
  )
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE, 'nothing'))
  const first = await waitOf(truehop)
  for (let i = 0; i < 10; i++) await truehop(identities[i])
  const later = []
  for (let i = 0; i < 200; i++) later.push(await waitOf(truehop))
  return { first, later: median(later), peer: await Promise.race([slow, patience]), PATIENCE }
}

async function waitOf(decide) {
  const asked = performance.now()
  await decide(identities[0])
  return performance.now() - asked
}
