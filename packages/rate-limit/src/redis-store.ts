import { RateLimiterRedis } from 'rate-limiter-flexible'
import { clientKind, type RedisClient } from './redis-client.js'
import { RemoteStore } from './remote-store.js'
import type { EngineSpec } from './store.js'

/**
 * Charges a key and answers with its count and the milliseconds to the end of its window: in two
 * commands, where the engine's own script takes three. PTTL is negative for a key that does not
 * exist (-2) and for one that would never end (-1), which gets an end and keeps its count.
 *
 * A client has one script of this name for all engines that use it, the application's own among
 * them: so it takes and answers what the engine's script does (KEYS: key; ARGV: cost, seconds).
 */
const CHARGE = `
local left = redis.call('PTTL', KEYS[1])
if left > 0 then
  return { redis.call('INCRBY', KEYS[1], ARGV[1]), left }
end
if left == -1 then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  return { redis.call('INCRBY', KEYS[1], ARGV[1]), 1000 * ARGV[2] }
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return { tonumber(ARGV[1]), 1000 * ARGV[2] }
`

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
      customIncrTtlLuaScript: CHARGE,
      keyPrefix,
    })
  }
}
