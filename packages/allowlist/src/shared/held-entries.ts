import type { Address, Prefix } from '@truehop/ip'
import { ENTRIES_PER_SLICE, type Slices } from '@truehop/ip/internal'
import { PrefixTable } from '../prefix-table.js'
import { EntryRows } from './entry-rows.js'
import type { Networks } from './networks.js'
import type { HeldEntry, PlacedEntry } from './shared-entry.js'

/** Rows that are looked at for an expired one when an entry finds no room. */
const SWEPT_FOR_ROOM = 2000

/** Entries in a network that has as many as it takes. */
export interface Network {
  readonly prefix: Prefix
  readonly inside: readonly PlacedEntry[]
}

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
  /** The times of a copy may be wrong: what seems to be over may not be. */
  #isUnsure = false

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
  put({ prefix, held }: PlacedEntry, now: number, isCopied = false): void {
    const row = this.#table.get(prefix)
    if (row !== undefined) {
      this.#rows.say(row, held, isCopied)
      return
    }
    if (!this.hasRoom(now)) {
      this.#leftOut++
      return
    }
    const added = this.#rows.add(prefix, held, isCopied)
    this.#networks?.count(prefix, added)
    this.#table.set(prefix, added)
  }

  /** Keeps the entries of a copy until it is known whether its times are right. */
  assume(): void {
    this.#isUnsure = true
  }

  /** What was put as copied expires so many milliseconds later. */
  shiftCopied(by: number): void {
    this.#isUnsure = false
    this.#rows.shiftCopied(by)
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
  *sweep(now: number, most: number): Slices<undefined> {
    for (let looked = 1; looked <= Math.min(most, this.#rows.length); looked++) {
      this.#sweepNext((row) => this.#isGone(row, now))
      if (looked % ENTRIES_PER_SLICE === 0) yield
    }
    return undefined
  }

  /** Whether another entry can be put, if need be in the place of one that has expired. */
  hasRoom(now: number): boolean {
    for (let looked = 0; this.size >= this.#most && looked < SWEPT_FOR_ROOM; looked++) {
      this.#sweepNext((row) => this.#rows.isOver(row, now))
    }
    return this.size < this.#most
  }

  #sweepNext(isDropped: (row: number) => boolean): void {
    const rows = this.#rows
    this.#swept = this.#swept + 1 < rows.length ? this.#swept + 1 : 0
    const row = this.#swept
    if (rows.isTaken(row) && isDropped(row)) this.drop(rows.prefix(row))
  }

  /** The narrowest network around an entry with as many in force as become the network's. */
  fullAround(prefix: Prefix, now: number): Network | undefined {
    const rows = this.#rows
    const over: number[] = []
    const full = this.#networks?.fullAround(prefix, (row) => {
      if (rows.isOver(row, now)) over.push(row)
      return !rows.isOver(row, now)
    })
    const inside = full?.inside.map((row) => ({ prefix: rows.prefix(row), held: rows.held(row) }))
    // Not to be passed again with the next entry.
    for (const row of over) if (this.#isGone(row, now)) this.drop(rows.prefix(row))
    return full && { prefix: full.prefix, inside: inside ?? [] }
  }

  #longest(address: Address, now: number): number | undefined {
    const isDropped = (row: number): boolean => {
      const isGone = this.#isGone(row, now)
      if (isGone) this.#forget(row)
      return isGone
    }
    return this.#table.longest(address, (row) => this.#rows.isOver(row, now), isDropped)
  }

  #isGone(row: number, now: number): boolean {
    return this.#rows.isOver(row, now) && !(this.#isUnsure && this.#rows.isCopied(row))
  }

  #forget(row: number): void {
    this.#networks?.forget(this.#rows.prefix(row), row)
    this.#rows.drop(row)
  }
}
