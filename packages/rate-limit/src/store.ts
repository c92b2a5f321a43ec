import type { ClientIdentity } from '@truehop/identity'
import type { Breaker } from './breaker.js'
import type { Quota, QuotaSpec } from './quota.js'

/** Where one key stands in one quota. */
export interface Count {
  /** Quota units charged in the current window. */
  readonly consumed: number
  /** Milliseconds until the window, or the block, ends. */
  readonly msLeft: number
}

/** One quota's counters in one store. What a store knows at once it says without a promise. */
export interface Counter {
  /**
   * Charges a key and says where it stands after that, also when it is over the limit. Rejects
   * only where the store gives no answer.
   */
  charge(key: string, cost: number, identity: ClientIdentity): Count | Promise<Count>
  /** Where a key stands, undefined where nothing is counted for it. Rejects as `charge` does. */
  peek(key: string, identity: ClientIdentity): Count | undefined | Promise<Count | undefined>
}

// Registered, so that a store of another copy of this package is known for one.
const STORE: unique symbol = Symbol.for('truehop.rate-limit-store/1')

/** A place to count in. Several limiters may share one. */
export interface Store {
  readonly [STORE]: true
  readonly kind: 'memory' | 'cluster' | 'redis'
  /**
   * The counters of a quota; the same ones for a quota of the same name.
   *
   * @throws {RateLimitError} `name-in-use` for a name that another quota has here.
   */
  counter(quota: Quota): Counter
  /** What stands between the requests and a store that can fail. `deadline` in milliseconds. */
  breaker(deadline: number): Breaker | undefined
  /** Where to count while this store cannot. */
  insurance(maxKeys: number): Store
}

export { STORE }

export function isStore(value: unknown): value is Store {
  return typeof value === 'object' && value !== null && STORE in value
}

/** What an engine must know of a quota. Seconds. */
export type EngineSpec = Pick<QuotaSpec, 'limit' | 'window' | 'blockDuration'>
