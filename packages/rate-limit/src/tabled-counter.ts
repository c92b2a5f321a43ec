import type { ClientIdentity } from '@truehop/identity'
import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { KeyTable, Scope } from './key-table.js'
import { standing } from './memory-counter.js'
import type { Quota } from './quota.js'
import type { Row } from './rows.js'
import type { Count, Counter } from './store.js'

/**
 * An engine that counts in the memory of another process, behind a table that bounds the keys it
 * sees. The table keeps the engine's last word on each key: a client that is over its limit is
 * refused at once.
 */
export class TabledCounter implements Counter {
  readonly #engine: RateLimiterAbstract
  readonly #table: KeyTable
  readonly #scope: Scope = new Map()
  readonly #limit: number
  readonly #blocks: boolean

  constructor(engine: RateLimiterAbstract, table: KeyTable, quota: Quota) {
    this.#engine = engine
    this.#table = table
    this.#limit = quota.limit
    this.#blocks = quota.blockDuration > 0
  }

  charge(key: string, cost: number, identity: ClientIdentity): Count | Promise<Count> {
    const now = performance.now()
    const row = this.#table.enter(this.#scope, key, identity, now)
    if (this.#table.consumed(row) > this.#limit) return standing(this.#table, row, now)
    const asked = this.#table.keyOf(row)
    return this.#engine.consume(asked, cost).then(
      (result) => this.#note(row, asked, result, false),
      (reason: unknown) => {
        if (reason instanceof RateLimiterRes) return this.#note(row, asked, reason, true)
        // A row that the engine never answered for would stay for ever.
        if (this.#counts(row, asked) && this.#table.until(row) === 0) this.#table.write(row, 0, now)
        throw reason
      },
    )
  }

  peek(key: string, identity: ClientIdentity): Count | undefined {
    const now = performance.now()
    const row = this.#table.find(this.#scope, key, identity, now)
    return row === undefined ? undefined : standing(this.#table, row, now)
  }

  /**
   * The engine measures what is left by the wall clock. Its word is taken where a window or a
   * block begins, when it is exact; after that the row's own clock counts.
   */
  #note(row: Row, asked: string, result: RateLimiterRes, refused: boolean): Count {
    const now = performance.now()
    const ends = now + result.msBeforeNext
    // Its window ended while the engine was asked, and the row may count somebody else by now.
    if (!this.#counts(row, asked)) {
      return { consumed: result.consumedPoints, msLeft: result.msBeforeNext }
    }
    const known = this.#table.until(row)
    const begins = result.isFirstInDuration || (refused && this.#blocks)
    this.#table.write(row, result.consumedPoints, begins || known === 0 ? ends : known)
    return standing(this.#table, row, now)
  }

  #counts(row: Row, asked: string): boolean {
    return this.#scope.get(asked) === row
  }
}
