import { RateLimiter } from '@truehop/rate-limit'
import { expect, it } from 'vitest'
import { client } from './identities.js'
import { SpreadStore } from './spread-store.js'

const CLIENTS = Array.from({ length: 40 }, (_, i) => `198.51.100.${i}`)

const inOnePlace = () => 0
/** By the last digit, so that neighbours lie in different places. */
const inTwoPlaces = (key: string) => Number(/\d(?=\D*$)/.exec(key)?.[0] ?? 0) % 2

interface Call {
  readonly user?: string
  readonly units?: number
}

function limiterOn(store: SpreadStore) {
  return new RateLimiter<Call>({
    ...{ limit: 2, window: 60, deadline: 10_000, onStoreError: 'deny', store },
    ...{ key: ({ user }) => user, cost: ({ units = 1 }) => units },
  })
}

/** How many are admitted of three requests of each client, all at once. */
async function admittedAtOnce(limiter: RateLimiter<Call>): Promise<number> {
  const ips = [...CLIENTS, ...CLIENTS, ...CLIENTS]
  const decisions = await Promise.all(ips.map((ip) => limiter.decide(client(ip), {})))
  expect(new Set(decisions.map(({ by }) => by))).toEqual(new Set(['store']))
  return decisions.filter(({ admitted }) => admitted).length
}

/** Lets the first decision, and what is tried out behind it, come to an end. */
async function triedOut(limiter: RateLimiter<Call>): Promise<void> {
  await limiter.decide(client('203.0.113.9'), {})
  for (let i = 0; i < 10; i++) await new Promise(setImmediate)
}

it('asks for many keys at once where all lie in one place', async () => {
  const store = new SpreadStore(inOnePlace)
  const limiter = limiterOn(store)
  await triedOut(limiter)
  store.charges.length = 0
  expect(await admittedAtOnce(limiter)).toBe(80)
  expect(store.charges.length).toBeLessThan(10)
  expect(store.charges.flat()).toHaveLength(120)
})

it('asks for each key by itself until that is known', async () => {
  const store = new SpreadStore(inOnePlace)
  expect(await admittedAtOnce(limiterOn(store))).toBe(80)
  expect(store.charges).toHaveLength(120)
})

it('asks for each key by itself where they lie in several places, and counts right', async () => {
  const store = new SpreadStore(inTwoPlaces)
  const limiter = limiterOn(store)
  await triedOut(limiter)
  expect(await admittedAtOnce(limiter)).toBe(80)
  expect(new Set(store.charges.map((keys) => keys.length))).toEqual(new Set([1]))
})

it('goes back to one key when several are refused, and counts none of them twice', async () => {
  const store = new SpreadStore(inOnePlace)
  const limiter = limiterOn(store)
  await triedOut(limiter)
  store.refuse = (keys) =>
    keys.length > 1 ? new Error("CROSSSLOT Keys in request don't hash to the same slot") : undefined
  store.charges.length = 0
  expect(await admittedAtOnce(limiter)).toBe(80)
  expect(store.charges).toHaveLength(120)
})

it('takes what is said against one key for nothing against the others', async () => {
  const store = new SpreadStore(inOnePlace)
  const limiter = limiterOn(store)
  await triedOut(limiter)
  const decisions = await Promise.all(
    ['ada', 'bob!', 'eve'].map((user) => limiter.decide(client('198.51.100.7'), { user })),
  )
  expect(decisions.map(({ by }) => by)).toEqual(['store', 'nobody', 'store'])
})

it('charges each key its own cost', async () => {
  const store = new SpreadStore(inOnePlace)
  const limiter = limiterOn(store)
  await triedOut(limiter)
  const decisions = await Promise.all(
    [1, 2, 3].map((units) => limiter.decide(client(`198.51.100.${units}`), { units })),
  )
  expect(decisions.map(({ admitted }) => admitted)).toEqual([true, true, false])
})
