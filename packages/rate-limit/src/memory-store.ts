import { KeyTable } from './key-table.js'
import { MemoryCounter } from './memory-counter.js'
import type { Quota } from './quota.js'
import { SharedNames } from './shared-names.js'
import { type Counter, STORE, type Store } from './store.js'

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
    return this.#names.get(quota, () => new MemoryCounter(this.#table, quota))
  }

  breaker(): undefined {
    return undefined
  }

  insurance(): Store {
    return this
  }
}
