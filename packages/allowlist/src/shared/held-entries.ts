import type { Address, Prefix } from '@truehop/ip'
import { PrefixTable } from '../prefix-table.js'
import { EntryRows } from './entry-rows.js'
import type { Networks } from './networks.js'
import type { HeldEntry, PlacedEntry } from './shared-entry.js'

/** Rows that are looked at for expired ones when an entry finds no room. */
const SWEPT_FOR_ROOM = 2000

/**
 * The shared entries that one instance knows, with their number in each network that may take their
 * place. Expired entries are ignored when they are met, and dropped a few at a time.
 */
export class HeldEntries {
  readonly #table = new PrefixTable<number>()
  readonly #rows = new EntryRows()
  readonly #networks: Networks | undefined
  readonly #most: number
  #swept = 0
  #leftOut = 0

  constructor(networks: Networks | undefined, most: number) {
    this.#networks = networks
    this.#most = most
  }

  /** Expired ones among them that nothing has met yet. */
  get size(): number {
    return this.#table.size
  }

  /** How often `put` found no room. */
  get leftOut(): number {
    return this.#leftOut
  }

  /** Adds an entry, or changes what is said of one. None is evicted for another. */
  put({ prefix, held }: PlacedEntry, now: number): void {
    const row = this.#table.get(prefix)
    if (row !== undefined) {
      this.#rows.say(row, held)
      return
    }
    if (this.size >= this.#most) this.sweep(now, SWEPT_FOR_ROOM)
    if (this.size >= this.#most) {
      this.#leftOut++
      return
    }
    this.#networks?.count(prefix)
    this.#table.set(prefix, this.#rows.add(prefix, held))
  }

  /** True if there was one. */
  drop(prefix: Prefix): boolean {
    const row = this.#table.get(prefix)
    if (row === undefined) return false
    this.#table.delete(prefix)
    this.#forget(row)
    return true
  }

  get(prefix: Prefix, now: number): HeldEntry | undefined {
    const row = this.#table.get(prefix)
    return row === undefined || this.#rows.isOver(row, now) ? undefined : this.#rows.held(row)
  }

  has(prefix: Prefix, now: number): boolean {
    const row = this.#table.get(prefix)
    return row !== undefined && !this.#rows.isOver(row, now)
  }

  /** True if an entry that has not expired at `now` contains the address. */
  contains(address: Address, now: number): boolean {
    return this.#longest(address, now) !== undefined
  }

  /** The longest prefix that contains the address and has not expired at `now`. */
  match(address: Address, now: number): HeldEntry | undefined {
    const row = this.#longest(address, now)
    return row === undefined ? undefined : this.#rows.held(row)
  }

  *values(now: number): Generator<HeldEntry> {
    for (const row of this.#table.values()) {
      if (!this.#rows.isOver(row, now)) yield this.#rows.held(row)
    }
  }

  /** Each with its prefix, also those that have expired. Live, like `PrefixTable.values`. */
  *placed(): Generator<PlacedEntry> {
    for (const row of this.#table.values()) {
      yield { prefix: this.#rows.prefix(row), held: this.#rows.held(row) }
    }
  }

  /** Looks at `most` further rows, and drops the entries in them that have expired. */
  sweep(now: number, most: number): void {
    const rows = this.#rows
    for (let looked = Math.min(most, rows.length); looked > 0; looked--) {
      this.#swept = this.#swept + 1 < rows.length ? this.#swept + 1 : 0
      const row = this.#swept
      if (rows.isTaken(row) && rows.isOver(row, now)) this.drop(rows.prefix(row))
    }
  }

  #longest(address: Address, now: number): number | undefined {
    return this.#table.longest(address, (row) => {
      if (!this.#rows.isOver(row, now)) return false
      this.#forget(row)
      return true
    })
  }

  #forget(row: number): void {
    this.#networks?.forget(this.#rows.prefix(row))
    this.#rows.drop(row)
  }
}
