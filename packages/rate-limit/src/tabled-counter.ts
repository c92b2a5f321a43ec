import type { ClientIdentity } from '@truehop/identity'
import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { Entry, KeyTable } from './key-table.js'
import type { Quota } from './quota.js'
import type { Count, Counter } from './store.js'

/**
 * An engine that counts in memory, behind a table that bounds the keys it sees. The table keeps
 * the engine's last word on each key: a client that is over its limit is refused at once.
 */
export class TabledCounter implements Counter {
  readonly #engine: RateLimiterAbstract
  readonly #table: KeyTable
  readonly #scope: string
  readonly #blocks: boolean

  constructor(engine: RateLimiterAbstract, table: KeyTable, quota: Quota) {
    this.#engine = engine
    this.#table = table
    // Keeps the keys of several counters in one table apart.
    this.#scope = `${quota.name}:`
    this.#blocks = quota.blockDuration > 0
  }

  charge(key: string, cost: number, identity: ClientIdentity): Count | Promise<Count> {
    const now = performance.now()
    const entry = this.#table.enter(this.#scope, key, identity, now)
    if (entry.refused) return standing(entry, now)
    return this.#engine.consume(entry.key, cost).then(
      (result) => this.#note(entry, result, false),
      (reason: unknown) => {
        if (reason instanceof RateLimiterRes) return this.#note(entry, reason, true)
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

  /**
   * The engine measures what is left by the wall clock. Its word is taken where a window or a
   * block begins, when it is exact; after that the entry's own clock counts.
   */
  #note(entry: Entry, result: RateLimiterRes, refused: boolean): Count {
    const now = performance.now()
    const begins = result.isFirstInDuration || (refused && this.#blocks)
    if (begins || entry.until === 0) entry.until = now + result.msBeforeNext
    entry.consumed = result.consumedPoints
    entry.refused = refused
    return standing(entry, now)
  }
}

/** To the microsecond: what is left of a sum of clock readings beyond that is not exact. */
function standing({ consumed, until }: Entry, now: number): Count {
  return { consumed, msLeft: Math.max(0, Math.round((until - now) * 1000) / 1000) }
}
