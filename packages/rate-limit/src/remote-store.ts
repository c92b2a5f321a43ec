import { Breaker } from './breaker.js'
import { MemoryStore } from './memory-store.js'
import type { Quota } from './quota.js'
import { SharedNames } from './shared-names.js'
import { type Counter, type EngineSpec, STORE, type Store } from './store.js'

/** What every key begins with, in a store that others may use too. */
export const PREFIX = 'truehop:rate-limit'

/** For the one key that the probes count. */
const PROBE: EngineSpec = { limit: 1, window: 60, blockDuration: 0 }

/** A store outside this process. Limiters that share it share its breaker and its insurance. */
export abstract class RemoteStore implements Store {
  readonly [STORE] = true
  abstract readonly kind: 'cluster' | 'redis'
  readonly #names = new SharedNames<Counter>()
  readonly #breakers = new Map<number, Breaker>()
  readonly #insurances = new Map<number, MemoryStore>()

  counter(quota: Quota): Counter {
    return this.#names.get(quota, () => this.makeCounter(quota, `${PREFIX}:${quota.name}`))
  }

  breaker(deadline: number): Breaker {
    const known = this.#breakers.get(deadline)
    if (known !== undefined) return known
    const probe = this.makeProbe(PROBE, `${PREFIX}-probe`)
    const breaker = new Breaker(deadline, probe)
    this.#breakers.set(deadline, breaker)
    return breaker
  }

  insurance(maxKeys: number): Store {
    const store = this.#insurances.get(maxKeys) ?? new MemoryStore(maxKeys)
    this.#insurances.set(maxKeys, store)
    return store
  }

  /** Its keys begin with `prefix` and a colon. */
  protected abstract makeCounter(quota: Quota, prefix: string): Counter

  /**
   * What a probe of the store asks. A charge and no look: a replica that became read-only answers
   * everything but writes.
   */
  protected abstract makeProbe(spec: EngineSpec, prefix: string): () => Promise<unknown>
}
