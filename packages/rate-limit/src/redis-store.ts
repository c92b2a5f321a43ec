import { RateLimiterRedis } from 'rate-limiter-flexible'
import { clientKind, type RedisClient } from './redis-client.js'
import { RemoteStore } from './remote-store.js'
import type { EngineSpec } from './store.js'

const stores = new WeakMap<RedisClient, RedisStore>()

/**
 * Counts in Redis or Valkey, under `truehop:rate-limit:<limit's name>:<client>`. One key a
 * command, so a Redis cluster serves as well; each key ends with its window.
 *
 * The client stays the caller's: its connection, its reconnecting, its end.
 */
export class RedisStore extends RemoteStore {
  readonly kind = 'redis'
  readonly #client: RedisClient

  private constructor(client: RedisClient) {
    super()
    this.#client = client
    // An 'error' event that nobody listens to ends the process, and a store out of reach is no
    // reason to. What it means for requests, the breaker tells.
    client.on('error', () => {})
  }

  /** The one store of a client. */
  static of(client: RedisClient): RedisStore {
    const store = stores.get(client) ?? new RedisStore(client)
    stores.set(client, store)
    return store
  }

  protected makeEngine(spec: EngineSpec, keyPrefix: string): RateLimiterRedis {
    return new RateLimiterRedis({
      storeClient: this.#client,
      useRedisPackage: clientKind(this.#client) === 'node-redis',
      points: spec.limit,
      duration: spec.window,
      blockDuration: spec.blockDuration,
      keyPrefix,
    })
  }
}
