import { RateLimiterMemory } from 'rate-limiter-flexible'
import { KeyTable } from './key-table.js'
import type { Quota } from './quota.js'
import { SharedNames } from './shared-names.js'
import { type Counter, STORE, type Store } from './store.js'
import { TabledCounter } from './tabled-counter.js'

/** Counts in this process, and cannot fail. */
export class MemoryStore implements Store {
  readonly [STORE] = true
  readonly kind = 'memory'
  readonly #table: KeyTable
  readonly #names = new SharedNames<Counter>()

  constructor(maxKeys: number) {
    this.#table = new KeyTable(maxKeys)
  }

  counter(quota: Quota): Counter {
    return this.#names.get(quota, () => {
      const { limit: points, window: duration, blockDuration } = quota
      // The table writes the scope into the key.
      const engine = new RateLimiterMemory({ points, duration, blockDuration, keyPrefix: '' })
      return new TabledCounter(engine, this.#table, quota)
    })
  }

  breaker(): undefined {
    return undefined
  }

  insurance(): Store {
    return this
  }
}
