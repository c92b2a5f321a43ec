import type { Metrics } from '@truehop/ip/internal'
import { perform } from '../decide/perform.js'
import type { Cell, Rule } from '../decide/rule.js'
import { keyMetrics } from '../metrics/store-metrics.js'
import { type KeyTable, NEW } from './key-table.js'
import { Room } from './room.js'
import { RuleTables } from './rule-tables.js'
import type { Act, Answer, Line, Store } from './store.js'

/** Zeros for keys that were never used: nothing writes here. */
const EMPTY: Cell = { numbers: new Float64Array(64), at: 0 }

/**
 * Counts in this process, at once, on the clock of `performance.now()`: setting the wall clock
 * changes nothing.
 */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly metrics: Metrics = keyMetrics(this.kind, this)
  readonly #room: Room
  readonly #tables: RuleTables

  /** `maxKeys` over all rules. */
  constructor(maxKeys: number) {
    this.#room = new Room(maxKeys)
    this.#tables = new RuleTables(this.#room)
  }

  /** Keys with a bucket of their own. */
  get size(): number {
    return this.#room.held
  }

  ask(act: Act, lines: readonly Line[]): Answer {
    const now = performance.now()
    return perform(act, lines, new OpenLines(this, lines, now), now)
  }

  /** The table of a rule. Names and numbers of one kind are one table. */
  table(rule: Rule): KeyTable {
    return this.#tables.of(rule)
  }
}

/** The cells of some lines, each found once. A key gets its record when something is written. */
class OpenLines {
  readonly #store: MemoryStore
  readonly #lines: readonly Line[]
  readonly #now: number
  readonly #records: (number | undefined)[] = []
  /** Keys of these lines that are about to enter. */
  #coming = 0

  constructor(store: MemoryStore, lines: readonly Line[], now: number) {
    this.#store = store
    this.#lines = lines
    this.#now = now
  }

  find(i: number): Cell {
    const line = this.#lines[i]
    const record = this.#record(i)
    return line === undefined || record === NEW ? EMPTY : this.#store.table(line.rule).cell(record)
  }

  open(i: number): Cell {
    const line = this.#lines[i]
    if (line === undefined) return { numbers: new Float64Array(64), at: 0 }
    const table = this.#store.table(line.rule)
    let record = this.#record(i)
    if (record === NEW) {
      record = table.enter(line.key)
      this.#records[i] = record
    }
    return table.cell(record)
  }

  forget(i: number): void {
    const line = this.#lines[i]
    if (line === undefined) return
    this.#store.table(line.rule).forget(this.#record(i))
    this.#records[i] = NEW
  }

  #record(i: number): number {
    const known = this.#records[i]
    const line = this.#lines[i]
    if (known !== undefined || line === undefined) return known ?? NEW
    const found = this.#store.table(line.rule).place(line.key, line, this.#now, this.#coming)
    if (found === NEW) this.#coming++
    this.#records[i] = found
    return found
  }
}
