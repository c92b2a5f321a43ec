import type { ClientIdentity } from '@truehop/identity'
import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { Entry, KeyTable } from './key-table.js'
import type { Count, Counter } from './store.js'

/**
 * An engine that counts in memory, behind a table that bounds the keys it sees. The table keeps
 * the engine's last word on each key: a client that is over its limit is refused at once.
 */
export class TabledCounter implements Counter {
  readonly #engine: RateLimiterAbstract
  readonly #table: KeyTable
  readonly #scope: string

  /** `scope` keeps the keys of several counters in one table apart. */
  constructor(engine: RateLimiterAbstract, table: KeyTable, scope: string) {
    this.#engine = engine
    this.#table = table
    this.#scope = scope
  }

  charge(key: string, cost: number, identity: ClientIdentity): Count | Promise<Count> {
    const now = performance.now()
    const entry = this.#table.enter(this.#scope, key, identity, now)
    if (entry.refused) return standing(entry, now)
    return this.#engine.consume(entry.key, cost).then(
      (result) => note(entry, result, false),
      (reason: unknown) => {
        if (reason instanceof RateLimiterRes) return note(entry, reason, true)
        // An entry that the engine never answered for would stay for ever.
        entry.until = Math.max(entry.until, now)
        throw reason
      },
    )
  }

  peek(key: string, identity: ClientIdentity): Count | undefined {
    const now = performance.now()
    const entry = this.#table.find(this.#scope, key, identity, now)
    return entry && standing(entry, now)
  }
}

function standing({ consumed, until }: Entry, now: number): Count {
  return { consumed, msLeft: until - now }
}

function note(entry: Entry, result: RateLimiterRes, refused: boolean): Count {
  entry.consumed = result.consumedPoints
  entry.until = performance.now() + result.msBeforeNext
  entry.refused = refused
  return { consumed: result.consumedPoints, msLeft: result.msBeforeNext }
}
