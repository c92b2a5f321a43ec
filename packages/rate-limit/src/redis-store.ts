import { Keyspace } from './keyspace.js'
import type { RedisClient } from './redis-client.js'
import { type CountingScripts, RedisCounter } from './redis-counter.js'
import { CHARGE, PEEK, redisScript } from './redis-script.js'
import { PREFIX, RemoteStore } from './remote-store.js'
import type { EngineSpec } from './store.js'

const stores = new WeakMap<RedisClient, RedisStore>()

/**
 * Counts in Redis or Valkey, under `truehop:rate-limit:<limit's name>:<client>`. One key a
 * command wherever keys are spread over several servers, so a Redis cluster serves as well; each
 * key ends with its window.
 *
 * The client stays the caller's: its connection, its reconnecting, its end.
 */
export class RedisStore extends RemoteStore {
  readonly kind = 'redis'
  readonly #keyspace: Keyspace
  readonly #scripts: CountingScripts

  private constructor(client: RedisClient) {
    super()
    this.#keyspace = new Keyspace(client, `${PREFIX}-trial`)
    this.#scripts = {
      charge: redisScript(client, 'truehopCharge', CHARGE),
      peek: redisScript(client, 'truehopPeek', PEEK),
    }
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

  protected makeCounter(spec: EngineSpec, prefix: string): RedisCounter {
    return new RedisCounter(this.#keyspace, this.#scripts, spec, prefix)
  }

  protected makeProbe(spec: EngineSpec, prefix: string): () => Promise<unknown> {
    const counter = this.makeCounter(spec, prefix)
    return () => counter.charge('all', 1)
  }
}
