import type { ClientIdentity } from '@truehop/identity'
import type { Charge } from './charge.js'
import type { Quota } from './quota.js'
import type { Count } from './store.js'

/** Why a request is let through or refused. */
export type DecisionReason =
  /** Every limit that applies has room. */
  | 'within-limit'
  /** No limit counts the request: `skip` says so, or it costs nothing. */
  | 'not-counted'
  /** A limit is used up. */
  | 'quota-exceeded'
  /** A limit with `blockDuration` was exceeded: the block has begun, or goes on. */
  | 'blocked'
  /** The store gave no answer, and `onStoreError` is `'allow'` or `'deny'`. */
  | 'store-error'

/** Where a client stands in one quota. */
export interface Standing {
  readonly quota: Quota
  /** Quota units left in the window. */
  readonly remaining: number
  /** Milliseconds until the window, or the block, ends. */
  readonly msLeft: number
  /** True where this is what refuses the request. */
  readonly exceeded: boolean
}

/** What the limiter says about one request. */
export interface RateLimitDecision {
  readonly admitted: boolean
  readonly reason: DecisionReason
  /** Who counted: the store, this process in its place, or nobody. */
  readonly by: 'store' | 'local' | 'nobody'
  /** The client's network as `rateLimitKey` writes it, at the width of the first limit. */
  readonly client: string
  readonly identity: ClientIdentity
  /** The quotas that apply, wider ones only where they refuse: they tell of other clients. */
  readonly quotas: readonly Quota[]
  /** Where the client stands in those of them that were asked. */
  readonly standings: readonly Standing[]
  /** Whole seconds after which to try again; 0 where the request is admitted. */
  readonly retryAfter: number
}

/** A charge and what the store said of it; undefined where it was not asked. */
export interface Line {
  readonly charge: Charge
  readonly count: Count | undefined
}

/** True where the quota refuses the request. */
export function exceeds({ charge, count }: Line): boolean {
  return count !== undefined && count.consumed > charge.quota.limit
}

export function decisionOf(
  identity: ClientIdentity,
  client: string,
  lines: readonly Line[],
  by: 'store' | 'local',
): RateLimitDecision {
  const quotas: Quota[] = []
  const standings: Standing[] = []
  let reason: DecisionReason = 'within-limit'
  let retryAfter = 0
  for (const line of lines) {
    const { quota } = line.charge
    const exceeded = exceeds(line)
    if (quota.wide && !exceeded) continue
    quotas.push(quota)
    if (line.count === undefined) continue
    standings.push(standingOf(quota, line.count, exceeded))
    if (exceeded) {
      reason = quota.blockDuration > 0 ? 'blocked' : 'quota-exceeded'
      retryAfter = Math.max(retryAfter, 1, Math.ceil(line.count.msLeft / 1000))
    }
  }
  return {
    admitted: retryAfter === 0,
    reason,
    by,
    client,
    identity,
    quotas,
    standings,
    retryAfter,
  }
}

/** The decision where nobody counted. `retryAfter` in seconds, 0 to admit. */
export function uncounted(
  identity: ClientIdentity,
  client: string,
  quotas: readonly Quota[],
  reason: 'not-counted' | 'store-error',
  retryAfter: number,
): RateLimitDecision {
  const admitted = retryAfter === 0
  const standings: Standing[] = []
  return { admitted, reason, by: 'nobody', client, identity, quotas, standings, retryAfter }
}

function standingOf(quota: Quota, { consumed, msLeft }: Count, exceeded: boolean): Standing {
  return { quota, remaining: Math.max(0, quota.limit - consumed), msLeft, exceeded }
}
