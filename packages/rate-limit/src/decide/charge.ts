import { createHash } from 'node:crypto'
import type { ClientIdentity } from '@truehop/identity'
import { immediate } from '@truehop/identity/adapter'
import { crowdOf, Key } from '../limits/key.js'
import type { NamedLimit } from '../limits/named-limit.js'
import type { Quota } from '../limits/quota.js'
import type { Line } from '../store/store.js'
import type { Rule, SlowDownTerms } from './rule.js'

/** What one request takes from one quota. */
export class Charge<Request> implements Line {
  readonly limit: number
  readonly capacity: number
  readonly shadow: boolean
  readonly rule: Rule
  readonly quota: Quota
  readonly key: Key
  /** Quota units, 1 or more. */
  readonly cost: number
  readonly of: NamedLimit<Request>
  readonly home: Key

  constructor(of: NamedLimit<Request>, quota: Quota, key: Key, cost: number, home: Key) {
    this.limit = quota.limit
    this.capacity = quota.capacity
    this.shadow = quota.shadow
    this.rule = quota.rule
    this.quota = quota
    this.key = key
    this.cost = cost
    this.of = of
    this.home = home
  }

  withCost(cost: number): Charge<Request> {
    return new Charge(this.of, this.quota, this.key, cost, this.home)
  }

  get concurrent(): boolean {
    return this.of.concurrent
  }

  get showsShadow(): boolean {
    return this.of.showsShadow
  }

  get slowDown(): SlowDownTerms | undefined {
    return this.quota.wide ? undefined : this.of.slowDown
  }
}

/** The charges of a request, and the client's network at the width of the first limit. */
export interface Charges<Request> {
  readonly client: string
  readonly list: readonly Charge<Request>[]
}

/** Characters. A longer part of a key is hashed: it may be a string that the client chose. */
const MAX_KEY_PART = 64

/**
 * The charges of a request: those on the client's own network in the order of the limits, then
 * those on wider networks, outwards.
 *
 * @throws {TypeError} if what `key`, `cost`, `limit` or `window` returned is not valid.
 */
export function chargesOf<Request>(
  limits: readonly [NamedLimit<Request>, ...NamedLimit<Request>[]],
  identity: ClientIdentity,
  request: Request,
): Charges<Request> {
  const own = limits[0].plans[0].keyOf(identity)
  const list: Charge<Request>[] = []
  const wider: Charge<Request>[] = []
  for (const limit of limits) {
    if (isLeftOut(limit, identity, request)) continue
    const plan = limit.plans[0]
    const network = limit === limits[0] ? own : plan.keyOf(identity)
    const key = keyFor(limit, network, identity, request)
    if (key === undefined) continue
    const quota = plan.quotaFor(request, identity)
    const cost = costOf(limit, quota, identity, request)
    if (cost === 0) continue
    if (limit.plans.length === 1) {
      list.push(new Charge(limit, quota, key, cost, limit.standalone ? key : network))
      continue
    }
    const around = limit.plans.slice(1).filter((each) => each.appliesTo(identity))
    const keys = around.map((each) => each.keyOf(identity))
    const home = keys.at(-1) ?? network
    list.push(new Charge(limit, quota, key, cost, home))
    for (const [i, each] of around.entries()) {
      const shared = each.quotaFor(request, identity)
      wider.push(new Charge(limit, shared, keys[i] ?? home, cost, home))
    }
  }
  const all = wider.length === 0 ? list : [...list, ...wider]
  return { client: own.text, list: all }
}

function isLeftOut<Request>(
  { skip, allowed, plans }: NamedLimit<Request>,
  identity: ClientIdentity,
  request: Request,
): boolean {
  if (skip !== undefined) {
    const said = immediate('skip of limit', skip(request, identity), plans[0].name)
    if (said === true) return true
  }
  return allowed !== undefined && identity.status === 'resolved' && allowed.has(identity.address)
}

function keyFor<Request>(
  { key, standalone, plans }: NamedLimit<Request>,
  network: Key,
  identity: ClientIdentity,
  request: Request,
): Key | undefined {
  if (key === undefined) return network
  const part = immediate('key of limit', key(request, identity), plans[0].name)
  if (part === undefined || part === '') return standalone ? undefined : network
  if (typeof part !== 'string') {
    throw new TypeError(
      `key of limit "${plans[0].name}" returned a ${typeof part}; return a string or undefined`,
    )
  }
  return keyOfText(standalone ? undefined : network.text, part, crowdOf(identity))
}

/** The key of a string within a network, or alone. */
export function keyOfText(network: string | undefined, part: string, crowd: number): Key {
  // Braces have a meaning in the keys of a Redis cluster.
  const isPlain = part.length <= MAX_KEY_PART && !/[{}]/.test(part)
  const text = isPlain ? part : createHash('sha256').update(part).digest('base64url')
  return Key.ofText(network === undefined ? `key|${text}` : `${network}|${text}`, crowd)
}

function costOf<Request>(
  { cost, plans }: NamedLimit<Request>,
  quota: Quota,
  identity: ClientIdentity,
  request: Request,
): number {
  if (typeof cost === 'number') return cost
  const asked = immediate('cost of limit', cost(request, identity), plans[0].name)
  if (typeof asked !== 'number' || !Number.isInteger(asked) || asked < 0) {
    throw new TypeError(
      `cost of limit "${plans[0].name}" returned ${String(asked)}; return an integer, 0 or more`,
    )
  }
  // A cost above any limit is refused in any case, and counters must not overflow.
  const most = plans.reduce(
    (limit, plan) => Math.max(limit, plan.fixed?.capacity ?? 0),
    quota.capacity,
  )
  return Math.min(asked, 1 + most)
}
