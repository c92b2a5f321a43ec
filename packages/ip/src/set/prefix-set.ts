import type { Address } from '../address/address.js'
import { parseAddress } from '../address/parse-address.js'
import { Spellings, unlikePrinted } from '../address/spellings.js'
import { brand } from '../brand.js'
import { Prefix, parsePrefix } from '../prefix/prefix.js'
import { refuseText } from '../prefix/prefix-error.js'
import { GrowingColumn } from './growing-column.js'
import { Ipv4Table } from './ipv4-table.js'
import { Ipv6Table } from './ipv6-table.js'
import { atOnce, type Slices } from './slices.js'
import { type SortedPrefixes, sortPrefixes } from './sorted-prefixes.js'
import { type Entry, WrittenEntries } from './written-entries.js'

export interface PrefixMatch {
  readonly prefix: Prefix
  /** The entry as it was written, the first of those that mean this prefix. */
  readonly entry: string
}

/**
 * An immutable set of IPv4 and IPv6 prefixes with longest match. Built for millions: it keeps
 * typed arrays (see Ipv4Table and Ipv6Table), and of the entries those that it would print otherwise.
 */
export class PrefixSet {
  /** Distinct prefixes: entries that mean the same, such as 10.0.0.1 and 10.0.0.1/32, are one. */
  readonly size: number
  #ipv4: Ipv4Table
  #ipv6: Ipv6Table
  #spellings4: Spellings
  #spellings6: Spellings
  #warned: readonly Entry[]

  private constructor(ipv4: Family<Ipv4Table>, ipv6: Family<Ipv6Table>, warned: readonly Entry[]) {
    this.#ipv4 = ipv4.table
    this.#ipv6 = ipv6.table
    this.#spellings4 = ipv4.spellings
    this.#spellings6 = ipv6.spellings
    this.#warned = warned
    this.size = this.#ipv4.size + this.#ipv6.size
    Object.freeze(this)
  }

  /** The set of the entries, in any order, of both families. Throws PrefixError as `parsePrefix`. */
  static from(entries: Iterable<Entry>): PrefixSet {
    return atOnce(PrefixSet.slices(entries))
  }

  /** As `from`, in pieces of less than a millisecond, for a service that answers meanwhile. */
  static *slices(entries: Iterable<Entry>): Slices<PrefixSet> {
    refuseText(entries)
    const ipv4 = new Rows()
    const ipv6 = new Rows()
    const warned: Entry[] = []
    let read = 0
    for (const entry of entries) {
      const prefix = toPrefix(entry)
      ;(prefix.family === 4 ? ipv4 : ipv6).add(prefix, unlikePrinted(entry, prefix))
      if (prefix.warning !== undefined) warned.push(entry)
      if (++read % ENTRIES_PER_SLICE === 0) yield
    }
    const family4 = yield* ipv4.family(Ipv4Table.of)
    return new PrefixSet(family4, yield* ipv6.family(Ipv6Table.of), warned)
  }

  /** One line for each entry with bits set beyond its length, in the order of the entries. */
  get warnings(): readonly string[] {
    return this.#warned.map((entry) => toPrefix(entry).warning ?? '')
  }

  /** True if a prefix contains the address. False for text that is no address; never throws. */
  has(address: Address | string): boolean {
    const value = typeof address === 'string' ? parseAddress(address) : address
    return value !== undefined && this.#row(value) >= 0
  }

  /** The longest prefix that contains the address; undefined for none, and for text that is no address. */
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

function toPrefix(entry: Entry): Prefix {
  return entry instanceof Prefix ? entry : parsePrefix(entry)
}

/** Entries of one piece of work: parsing each takes about a microsecond. */
const ENTRIES_PER_SLICE = 512

/** The prefixes of one family while a set is built. */
class Rows {
  readonly #words = [words(), words(), words(), words()] as const
  readonly #lengths = new GrowingColumn((length) => new Uint8Array(length))
  readonly #others = new WrittenEntries()

  add({ address, length }: Prefix, other: Entry | undefined): void {
    const [w0, w1, w2, w3] = this.#words
    if (address.family === 4) {
      w0.push(address.w3)
    } else {
      w0.push(address.w0)
      w1.push(address.w1)
      w2.push(address.w2)
      w3.push(address.w3)
    }
    this.#lengths.push(length)
    this.#others.push(other)
  }

  *family<Table>(tableOf: (sorted: SortedPrefixes) => Slices<Table>): Slices<Family<Table>> {
    const words: Uint32Array[] = []
    for (const column of this.#words) {
      if (column.length > 0) words.push(column.values())
      yield
    }
    const sorted = yield* sortPrefixes({ words, lengths: this.#lengths.values() })
    const spellings = yield* Spellings.of(this.#others, sorted.sources)
    return { table: yield* tableOf(sorted), spellings }
  }
}

/** What a set keeps of one family. */
interface Family<Table> {
  readonly table: Table
  readonly spellings: Spellings
}

function words(): GrowingColumn<Uint32Array> {
  return new GrowingColumn((length) => new Uint32Array(length))
}
