import type { ClientIdentity } from '@truehop/identity'
import type { KeyTable, Scope } from './key-table.js'
import type { Quota } from './quota.js'
import type { Row } from './rows.js'
import type { Count, Counter } from './store.js'

/**
 * Counts in this process: fixed windows, each from a client's first request on. Time is that of
 * `performance.now()`, so setting the wall clock neither ends nor prolongs a window.
 */
export class MemoryCounter implements Counter {
  readonly #table: KeyTable
  readonly #scope: Scope = new Map()
  readonly #limit: number
  /** Milliseconds, as the next one. */
  readonly #window: number
  readonly #block: number

  constructor(table: KeyTable, { limit, window, blockDuration }: Quota) {
    this.#table = table
    this.#limit = limit
    this.#window = window * 1000
    this.#block = blockDuration * 1000
  }

  charge(key: string, cost: number, identity: ClientIdentity): Count {
    const now = performance.now()
    const row = this.#table.enter(this.#scope, key, identity, now)
    // Over its limit: nothing can change that before the window, or the block, has ended.
    if (this.#table.consumed(row) > this.#limit) return standing(this.#table, row, now)
    const consumed = this.#table.consumed(row) + cost
    const blocks = this.#block > 0 && consumed > this.#limit
    if (blocks) this.#table.write(row, consumed, now + this.#block)
    else if (this.#table.isRunning(row, now)) {
      this.#table.write(row, consumed, this.#table.until(row))
    } else this.#table.write(row, consumed, now + this.#window)
    return standing(this.#table, row, now)
  }

  peek(key: string, identity: ClientIdentity): Count | undefined {
    const now = performance.now()
    const row = this.#table.find(this.#scope, key, identity, now)
    return row === undefined ? undefined : standing(this.#table, row, now)
  }
}

/** To the microsecond: what is left of a sum of clock readings beyond that is not exact. */
export function standing(table: KeyTable, row: Row, now: number): Count {
  const left = Math.round((table.until(row) - now) * 1000) / 1000
  return { consumed: table.consumed(row), msLeft: Math.max(0, left) }
}
