import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import { Breaker } from './breaker.js'
import { EngineCounter } from './engine-counter.js'
import { MemoryStore } from './memory-store.js'
import type { Quota } from './quota.js'
import { SharedNames } from './shared-names.js'
import { type Counter, type EngineSpec, STORE, type Store } from './store.js'

/** What every key begins with, in a store that others may use too. */
const PREFIX = 'truehop:rate-limit'

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
    return this.#names.get(quota, () =>
      this.makeCounter(quota, this.makeEngine(quota, `${PREFIX}:${quota.name}`)),
    )
  }

  breaker(deadline: number): Breaker {
    const known = this.#breakers.get(deadline)
    if (known !== undefined) return known
    const counter = new EngineCounter(this.makeEngine(PROBE, `${PREFIX}-probe`))
    // A charge and no look: a replica that became read-only answers everything but writes.
    const breaker = new Breaker(deadline, () => counter.charge('all', 1))
    this.#breakers.set(deadline, breaker)
    return breaker
  }

  insurance(maxKeys: number): Store {
    const store = this.#insurances.get(maxKeys) ?? new MemoryStore(maxKeys)
    this.#insurances.set(maxKeys, store)
    return store
  }

  /** An engine whose keys begin with `keyPrefix` and a colon. */
  protected abstract makeEngine(spec: EngineSpec, keyPrefix: string): RateLimiterAbstract

  protected makeCounter(_quota: Quota, engine: RateLimiterAbstract): Counter {
    return new EngineCounter(engine)
  }
}
