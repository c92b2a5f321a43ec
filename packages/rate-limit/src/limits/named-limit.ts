import type { PrefixSet } from '@truehop/ip'
import type { SlowDownTerms } from '../decide/rule.js'
import type { Limit } from './options.js'
import type { QuotaPlan } from './quota-plan.js'

/** A limit as the limiter uses it: validated, with the quotas it is made of. */
export interface NamedLimit<Request> extends Pick<Limit<Request>, 'key' | 'skip' | 'charge'> {
  /** That on the client's own network first, then those around it, outwards. */
  readonly plans: readonly [QuotaPlan<Request>, ...QuotaPlan<Request>[]]
  readonly cost: NonNullable<Limit<Request>['cost']>
  readonly standalone: boolean
  readonly concurrent: boolean
  readonly showsShadow: boolean
  readonly allowed: PrefixSet | undefined
  readonly slowDown: SlowDownTerms | undefined
}
