import {
  type Instrument,
  type MetricAttributes,
  type Metrics,
  type Reading,
  Tally,
} from '@truehop/ip/internal'
import type { Asked, DecisionReason, RateLimitDecision } from '../decide/decision.js'

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

/** What one limit says of one request. */
type Outcome = 'within-limit' | 'quota-exceeded' | 'blocked' | 'shadow-exceeded' | 'no-answer'

/** Part of a limit that is left where a client is near it. */
const NEAR_SHARE = 10

/**
 * What one limiter has decided. Attributes are reasons and the names of limits, which the
 * application wrote.
 */
export class LimiterMetrics implements Metrics {
  readonly instruments = [REQUESTS, DECISIONS, NEAR, BANS]
  readonly #requests = new Tally()
  readonly #limits = new Map<string, LimitCounts>()

  /** One decision, and what each limit said. */
  count({ reason, allowed, by }: RateLimitDecision, asked: readonly Asked[]): void {
    this.#requests.add(`${reason} ${allowed} ${by}`)
    for (const each of asked) this.#of(each.charge.quota.name).count(each)
  }

  countBan(limit: string): void {
    this.#of(limit).bans++
  }

  *read(): Iterable<Reading> {
    for (const [key, count] of this.#requests.entries()) {
      yield [REQUESTS, count, requestAttributes(key)]
    }
    for (const [name, { outcomes, near, bans }] of this.#limits) {
      const limit = { 'truehop.rate_limit.limit': name }
      for (const [outcome, count] of outcomes.entries()) {
        yield [DECISIONS, count, { ...limit, 'truehop.rate_limit.outcome': outcome }]
      }
      yield [NEAR, near, limit]
      yield [BANS, bans, limit]
    }
  }

  #of(limit: string): LimitCounts {
    const known = this.#limits.get(limit)
    if (known !== undefined) return known
    const made = new LimitCounts()
    this.#limits.set(limit, made)
    return made
  }
}

function requestAttributes(key: string): MetricAttributes {
  const [reason, allowed, by] = key.split(' ') as [DecisionReason, string, string]
  return {
    'truehop.rate_limit.reason': reason,
    'truehop.rate_limit.allowed': allowed === 'true',
    'truehop.rate_limit.counted_by': by,
  }
}

class LimitCounts {
  readonly outcomes = new Tally<Outcome>()
  near = 0
  bans = 0

  count({ charge: { quota }, count }: Asked): void {
    if (count === undefined) this.outcomes.add('no-answer')
    else if (count.wait > 0) {
      this.outcomes.add(
        quota.shadow ? 'shadow-exceeded' : count.banned > 0 ? 'blocked' : 'quota-exceeded',
      )
    } else {
      this.outcomes.add('within-limit')
      if ((quota.capacity - count.used) * NEAR_SHARE <= quota.capacity) this.near++
    }
  }
}
