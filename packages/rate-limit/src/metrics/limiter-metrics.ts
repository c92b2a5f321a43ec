import type { Instrument, Metrics, Reading } from '@truehop/ip/internal'
import type { Asked, CountedBy, DecisionReason, RateLimitDecision } from '../decide/decision.js'

const REQUESTS: Instrument = {
  name: 'truehop.rate_limit.requests',
  kind: 'counter',
  unit: '{request}',
  description: 'Requests that a limiter decided',
}
const DECISIONS: Instrument = {
  name: 'truehop.rate_limit.decisions',
  kind: 'counter',
  unit: '{decision}',
  description: 'What each limit said of the requests that it was asked about',
}
const NEAR: Instrument = {
  name: 'truehop.rate_limit.near_limit',
  kind: 'counter',
  unit: '{request}',
  description: 'Requests that a limit had room for, and that left its client at most a tenth of it',
}
const BANS: Instrument = {
  name: 'truehop.rate_limit.bans',
  kind: 'counter',
  unit: '{ban}',
  description: 'Bans that refusals began',
}

/** Part of a limit that is left where a client is near it. */
const NEAR_SHARE = 10

/** Requests of one kind. */
interface RequestCount {
  readonly reason: DecisionReason
  readonly allowed: boolean
  readonly by: CountedBy
  count: number
}

/**
 * What one limiter has decided. Attributes are reasons and the names of limits, which the
 * application wrote. Counts in plain fields: this is done for every request.
 */
export class LimiterMetrics implements Metrics {
  readonly instruments = [REQUESTS, DECISIONS, NEAR, BANS]
  /** One for each kind that there was, about ten at most. */
  readonly #requests: RequestCount[] = []
  readonly #limits = new Map<string, LimitCounts>()

  /** One decision, and what each limit said. */
  count(decision: RateLimitDecision, asked: readonly Asked[]): void {
    this.#requestsLike(decision).count++
    for (const each of asked) this.#of(each.charge.quota.name).count(each)
  }

  countBan(limit: string): void {
    this.#of(limit).bans++
  }

  *read(): Iterable<Reading> {
    for (const { reason, allowed, by, count } of this.#requests) {
      const attributes = {
        'truehop.rate_limit.reason': reason,
        'truehop.rate_limit.allowed': allowed,
        'truehop.rate_limit.counted_by': by,
      }
      yield [REQUESTS, count, attributes]
    }
    for (const [name, { outcomes, near, bans }] of this.#limits) {
      const limit = { 'truehop.rate_limit.limit': name }
      for (const [outcome, count] of Object.entries(outcomes)) {
        if (count === 0) continue
        yield [DECISIONS, count, { ...limit, 'truehop.rate_limit.outcome': outcome }]
      }
      yield [NEAR, near, limit]
      yield [BANS, bans, limit]
    }
  }

  #requestsLike({ reason, allowed, by }: RateLimitDecision): RequestCount {
    for (const known of this.#requests) {
      if (known.reason === reason && known.allowed === allowed && known.by === by) return known
    }
    const made = { reason, allowed, by, count: 0 }
    this.#requests.push(made)
    return made
  }

  #of(limit: string): LimitCounts {
    const known = this.#limits.get(limit)
    if (known !== undefined) return known
    const made = new LimitCounts()
    this.#limits.set(limit, made)
    return made
  }
}

class LimitCounts {
  readonly outcomes = {
    'within-limit': 0,
    'quota-exceeded': 0,
    blocked: 0,
    'shadow-exceeded': 0,
    'no-answer': 0,
  }
  near = 0
  bans = 0

  count({ charge: { quota }, count }: Asked): void {
    const { outcomes } = this
    if (count === undefined) outcomes['no-answer']++
    else if (count.wait > 0) {
      if (quota.shadow) outcomes['shadow-exceeded']++
      else if (count.banned > 0) outcomes.blocked++
      else outcomes['quota-exceeded']++
    } else {
      outcomes['within-limit']++
      if ((quota.capacity - count.used) * NEAR_SHARE <= quota.capacity) this.near++
    }
  }
}
