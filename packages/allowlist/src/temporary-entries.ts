import { type Address, type Prefix, parsePrefix } from '@truehop/ip'
import { PrefixTable } from './prefix-table.js'
import { wallTime } from './wall-time.js'

/** An entry added while the process runs. */
export interface TemporaryEntry {
  /** As it was written. */
  readonly entry: string
  /** Milliseconds since 1970, or undefined for an entry that stays until it is removed. */
  readonly expires: number | undefined
  readonly note: string | undefined
}

/** Milliseconds between two searches for expired entries, each of which walks all of them. */
const SWEEP_EVERY = 1000

/** An entry with its prefix. */
interface Held extends Omit<TemporaryEntry, 'expires'> {
  readonly prefix: Prefix
  /** On the clock of `performance.now()`. */
  readonly until: number | undefined
}

/**
 * Entries that come and go one by one, beside an immutable prefix set that would have to be built
 * anew for each. All times are on the clock of `performance.now()`.
 *
 * No timers: an expired entry is ignored when a lookup meets it, and dropped when room is needed.
 */
export class TemporaryEntries {
  readonly #limit: number
  readonly #table = new PrefixTable<Held>()
  /** No entry expires before this. */
  #earliest = Number.POSITIVE_INFINITY
  #swept = Number.NEGATIVE_INFINITY

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Entries held, including expired ones that no lookup has met yet. */
  get size(): number {
    return this.#table.size
  }

  /**
   * Adds an entry, or changes expiry and note of the same prefix. False if full: no entry is ever
   * evicted for another, or an attacker who can cause entries could get rid of one by causing more.
   * Throws `PrefixError` for text that is not a prefix.
   */
  add(entry: string, until: number | undefined, note: string | undefined, now: number): boolean {
    const prefix = parsePrefix(entry)
    const isNew = this.#table.get(prefix) === undefined
    if (isNew && this.size >= this.#limit && this.#maySweep(now)) this.sweep(now)
    if (isNew && this.size >= this.#limit) return false
    this.#table.set(prefix, { prefix, entry, until, note })
    this.#earliest = Math.min(this.#earliest, until ?? Number.POSITIVE_INFINITY)
    return true
  }

  /**
   * Otherwise, anyone who can cause entries could make each one that finds no room cost a walk over
   * all.
   */
  #maySweep(now: number): boolean {
    return now >= this.#earliest && now - this.#swept >= SWEEP_EVERY
  }

  /** True if there was such an entry. Throws `PrefixError` for text that is not a prefix. */
  remove(entry: string): boolean {
    return this.#table.delete(parsePrefix(entry))
  }

  /** The longest prefix that contains the address and has not expired at `now`. */
  match(address: Address, now: number): { readonly entry: string } | undefined {
    return this.#table.longest(address, (held) => isOver(held, now))
  }

  /** Drops what has expired at `now`. Walks all entries. */
  sweep(now: number): void {
    this.#swept = now
    this.#earliest = Number.POSITIVE_INFINITY
    for (const held of this.#table.values()) {
      if (isOver(held, now)) this.#table.delete(held.prefix)
      else if (held.until !== undefined) this.#earliest = Math.min(this.#earliest, held.until)
    }
  }

  *entries(now: number): Generator<TemporaryEntry> {
    for (const held of this.#table.values()) {
      const { entry, until, note } = held
      const expires = until === undefined ? undefined : wallTime(until)
      if (!isOver(held, now)) yield { entry, expires, note }
    }
  }
}

function isOver({ until }: Held, now: number): boolean {
  return until !== undefined && until <= now
}
