import type { Address } from '../address/address.js'
import { parseAddress } from '../address/parse-address.js'
import type { Spellings } from '../address/spellings.js'
import { brand } from '../brand.js'
import type { Prefix } from '../prefix/prefix.js'
import { refuseText } from '../prefix/prefix-error.js'
import type { Entry } from './blocks.js'
import type { Ipv4Table } from './ipv4-table.js'
import type { Ipv6Table } from './ipv6-table.js'
import { PrefixRows, type SetParts, toPrefix } from './prefix-rows.js'
import { atOnce, ENTRIES_PER_SLICE, type Slices } from './slices.js'

export interface PrefixMatch {
  readonly prefix: Prefix
  /** The entry as it was written, the first of those that mean this prefix. */
  readonly entry: string
}

/**
 * An immutable set of IPv4 and IPv6 prefixes with longest match. Built for millions: it keeps typed
 * arrays (see Ipv4Table and Ipv6Table), and only those entries that it would print differently.
 */
export class PrefixSet {
  /**
   * Distinct prefixes: entries that mean the same, such as 10.0.0.1 and 10.0.0.1/32, count as one.
   */
  readonly size: number
  #ipv4: Ipv4Table
  #ipv6: Ipv6Table
  #spellings4: Spellings
  #spellings6: Spellings
  #warned: Iterable<Entry>

  private constructor({ ipv4, ipv6, warned }: SetParts) {
    this.#ipv4 = ipv4.table
    this.#ipv6 = ipv6.table
    this.#spellings4 = ipv4.spellings
    this.#spellings6 = ipv6.spellings
    this.#warned = warned
    this.size = this.#ipv4.size + this.#ipv6.size
    Object.freeze(this)
  }

  /**
   * The set of the entries, in any order, of both families. Throws PrefixError like `parsePrefix`.
   */
  static from(entries: Iterable<Entry>): PrefixSet {
    return atOnce(PrefixSet.slices(entries))
  }

  /**
   * Like `from`, in pieces of less than a millisecond, for a service that keeps answering
   * meanwhile.
   */
  static *slices(entries: Iterable<Entry>): Slices<PrefixSet> {
    refuseText(entries)
    const rows = new PrefixRows()
    let read = 0
    for (const entry of entries) {
      rows.add(entry)
      if (++read % ENTRIES_PER_SLICE === 0) yield
    }
    return yield* PrefixSet.ofRows(rows)
  }

  /** The set of entries that were given one at a time, in the same short pieces. */
  static *ofRows(rows: PrefixRows): Slices<PrefixSet> {
    return new PrefixSet(yield* rows.parts())
  }

  /** One line for each entry with bits set beyond its length, in the order of the entries. */
  get warnings(): readonly string[] {
    return Array.from(this.#warned, (entry) => toPrefix(entry).warning ?? '')
  }

  /** True if a prefix contains the address. False for text that is not an address; never throws. */
  has(address: Address | string): boolean {
    const value = typeof address === 'string' ? parseAddress(address) : address
    if (value === undefined) return false
    return value.family === 4 ? this.#ipv4.has(value.w3) : this.#row(value) >= 0
  }

  /** Like `has`, for the 32 bits of an IPv4 address, signed or unsigned. */
  hasIpv4(word: number): boolean {
    return this.#ipv4.has(word)
  }

  /**
   * The longest prefix that contains the address; undefined if there is none or `address` is
   * invalid.
   */
  match(address: Address | string): PrefixMatch | undefined {
    const value = typeof address === 'string' ? parseAddress(address) : address
    if (value === undefined) return undefined
    const row = this.#row(value)
    if (row < 0) return undefined
    const prefix = value.family === 4 ? this.#prefix4(row) : this.#prefix6(row)
    return { prefix, entry: prefix.entry }
  }

  /** The entry of the longest match alone, as written. */
  entryOf(address: Address | string): string | undefined {
    const value = typeof address === 'string' ? parseAddress(address) : address
    if (value === undefined) return undefined
    const row = this.#row(value)
    if (row < 0) return undefined
    const [table, spellings] =
      value.family === 4 ? [this.#ipv4, this.#spellings4] : [this.#ipv6, this.#spellings6]
    return spellings.entry(row, table.address(row), table.length(row))
  }

  /** The distinct prefixes, IPv4 first, by address, shorter ones first. */
  *[Symbol.iterator](): Generator<Prefix> {
    for (let row = 0; row < this.#ipv4.size; row++) yield this.#prefix4(row)
    for (let row = 0; row < this.#ipv6.size; row++) yield this.#prefix6(row)
  }

  #prefix4(row: number): Prefix {
    return this.#spellings4.prefix(row, this.#ipv4.address(row), this.#ipv4.length(row))
  }

  #prefix6(row: number): Prefix {
    return this.#spellings6.prefix(row, this.#ipv6.address(row), this.#ipv6.length(row))
  }

  /** The row in the table of the address's family, -1 for none. */
  #row(address: Address): number {
    if (address.family === 4) return this.#ipv4.find(address.w3)
    return this.#ipv6.find(address.w0, address.w1, address.w2, address.w3)
  }
}

brand(PrefixSet, 'PrefixSet/1')
