import cluster from 'node:cluster'
import {
  type RateLimiterAbstract,
  RateLimiterCluster,
  RateLimiterClusterMaster,
} from 'rate-limiter-flexible'
import { KeyTable } from './key-table.js'
import type { Quota } from './quota.js'
import { RateLimitError } from './rate-limit-error.js'
import { RemoteStore } from './remote-store.js'
import type { Counter, EngineSpec } from './store.js'
import { TabledCounter } from './tabled-counter.js'

/**
 * Makes this process, the primary of node:cluster, count for its workers, whose limiters have
 * `store: 'cluster'`. Call it before the first `cluster.fork()`; further calls change nothing.
 *
 * @throws {RateLimitError} `bad-store` in a worker.
 */
export function startClusterStore(): void {
  if (!cluster.isPrimary) {
    throw new RateLimitError(
      'bad-store',
      'startClusterStore',
      "this process is a worker; call it in the primary, and give the limiters of the workers store: 'cluster'",
    )
  }
  new RateLimiterClusterMaster()
}

const stores = new Map<number, ClusterStore>()

/** Counts in the primary of node:cluster. The keys of one worker are bounded by its own table. */
export class ClusterStore extends RemoteStore {
  readonly kind = 'cluster'
  readonly #table: KeyTable

  private constructor(maxKeys: number) {
    super()
    this.#table = new KeyTable(maxKeys)
  }

  /**
   * The one store of this worker for a number of keys.
   *
   * @throws {RateLimitError} `bad-store` where this process is no worker.
   */
  static of(maxKeys: number): ClusterStore {
    if (!cluster.isWorker) {
      throw new RateLimitError(
        'bad-store',
        'store',
        "'cluster' counts in the primary for its workers, and this process is no worker; leave store out here, and call startClusterStore() in the primary",
      )
    }
    const store = stores.get(maxKeys) ?? new ClusterStore(maxKeys)
    stores.set(maxKeys, store)
    return store
  }

  protected makeEngine(spec: EngineSpec, keyPrefix: string): RateLimiterCluster {
    const { limit: points, window: duration, blockDuration } = spec
    return new RateLimiterCluster({ points, duration, blockDuration, keyPrefix })
  }

  protected override makeCounter(quota: Quota, engine: RateLimiterAbstract): Counter {
    return new TabledCounter(engine, this.#table, quota)
  }
}
