import type { ClientIdentity } from '@truehop/identity'
import type { Quota } from '../limits/quota.js'
import type { Count, SlowDownTerms } from './rule.js'
import { wholeSeconds } from './seconds.js'

/** Why a request is allowed or refused. */
export type DecisionReason =
  /** Every limit that applies has room. */
  | 'within-limit'
  /** No limit counts the request: `skip` or `allow` says so, or it costs nothing. */
  | 'not-counted'
  /** A limit is used up. */
  | 'quota-exceeded'
  /** A ban has begun, or goes on. */
  | 'blocked'
  /** The store gave no answer, and `onStoreError` is `'allow'` or `'deny'`. */
  | 'store-error'

/** Where a client stands in one quota. */
export interface Standing {
  readonly quota: Quota
  /** Quota units left now. */
  readonly remaining: number
  /**
   * Milliseconds: for an exceeded limit, until the request has room or the ban ends; otherwise
   * until all units have come back.
   */
  readonly msLeft: number
  /** True if this has no room for the request. */
  readonly exceeded: boolean
  /** True if this refuses no request. */
  readonly shadow: boolean
}

/** What counted: the store, this process in its place, or neither. */
export type CountedBy = 'store' | 'local' | 'nobody'

/** What the limiter decided about one request. */
export interface RateLimitDecision {
  readonly allowed: boolean
  readonly reason: DecisionReason
  readonly by: CountedBy
  /** The client's network as `rateLimitKey` writes it, at the width of the first limit. */
  readonly client: string
  readonly identity: ClientIdentity
  /** The quotas that apply; wider ones only if they refuse, as they reveal other clients. */
  readonly quotas: readonly Quota[]
  /** Where the client stands in those quotas that were asked. */
  readonly standings: readonly Standing[]
  /** Shadow limits that would have refused. */
  readonly shadows: readonly Standing[]
  /** Whole seconds after which to try again; 0 if the request is allowed. */
  readonly retryAfter: number
  /** Milliseconds for which the request must wait before it is served; usually 0. */
  readonly delay: number
}

/** What a decision needs to know about a charge. */
export interface Weighed {
  readonly quota: Quota
  readonly concurrent: boolean
  readonly showsShadow: boolean
  readonly slowDown: SlowDownTerms | undefined
}

/** A charge and its count; undefined if the store was not asked. */
export interface Asked {
  readonly charge: Weighed
  readonly count: Count | undefined
}

/** The client, and what the store said. */
export interface Case {
  readonly identity: ClientIdentity
  readonly client: string
  readonly asked: readonly Asked[]
  readonly by: CountedBy
  /**
   * Seconds after which to try again if nothing was counted and no request is allowed; otherwise 0.
   */
  readonly closed: number
  /** True if a store refused the request, whether it says for how long or not. */
  readonly refused: boolean
}

export function decisionOf(of: Case): RateLimitDecision {
  const { identity, client, asked, by, closed, refused } = of
  const quotas: Quota[] = []
  const standings: Standing[] = []
  const shadows: Standing[] = []
  let reason: DecisionReason = closed > 0 ? 'store-error' : 'within-limit'
  let retryAfter = closed
  let delay = 0
  for (const { charge, count } of asked) {
    const { quota } = charge
    const exceeded = count !== undefined && count.wait > 0
    const standing = count === undefined ? undefined : standingOf(quota, count, exceeded)
    if (quota.shadow && exceeded && standing !== undefined) shadows.push(standing)
    if (quota.shadow ? !charge.showsShadow : quota.wide && !exceeded) continue
    quotas.push(quota)
    if (count === undefined || standing === undefined) continue
    standings.push(standing)
    if (exceeded && !quota.shadow) {
      if (reason !== 'blocked') reason = count.banned > 0 ? 'blocked' : 'quota-exceeded'
      retryAfter = Math.max(retryAfter, secondsUntil(charge, count))
    } else if (!exceeded && !quota.shadow) delay = Math.max(delay, delayOf(charge, count))
  }
  if (refused && retryAfter === 0) {
    reason = 'quota-exceeded'
    retryAfter = 1
  }
  if (reason === 'within-limit' && by === 'nobody') reason = 'store-error'
  const allowed = retryAfter === 0
  return {
    allowed,
    reason,
    by,
    client,
    identity,
    quotas,
    standings,
    shadows,
    retryAfter,
    delay: allowed ? delay : 0,
  }
}

/**
 * Concurrent requests may end at any moment: the window would be the wrong answer for all of them.
 */
function secondsUntil({ concurrent }: Weighed, { wait, banned }: Count): number {
  return concurrent && banned === 0 ? 1 : Math.max(1, wholeSeconds(wait))
}

function delayOf({ slowDown }: Weighed, { used }: Count): number {
  if (slowDown === undefined || used <= slowDown.after) return 0
  return Math.min(slowDown.longest, Math.ceil(used - slowDown.after) * slowDown.delay)
}

/** The decision about a request that no limit counts. */
export function notCounted(identity: ClientIdentity, client: string): RateLimitDecision {
  const decision = decisionOf({
    identity,
    client,
    asked: [],
    by: 'nobody',
    closed: 0,
    refused: false,
  })
  return { ...decision, reason: 'not-counted' }
}

export function standingOf(quota: Quota, { used, wait, rest }: Count, exceeded: boolean): Standing {
  const remaining = Math.max(0, Math.floor(quota.capacity - used))
  return { quota, remaining, msLeft: exceeded ? wait : rest, exceeded, shadow: quota.shadow }
}
