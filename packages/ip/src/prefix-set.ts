import type { Address } from './address.js'
import { Ipv4Table } from './ipv4-table.js'
import { Ipv6Table } from './ipv6-table.js'
import { parseAddress } from './parse-address.js'
import { Prefix, parsePrefix } from './prefix.js'
import { refuseText } from './prefix-error.js'
import { sortPrefixes } from './sorted-prefixes.js'

export interface PrefixMatch {
  readonly prefix: Prefix
  /** The entry as it was written, the first of those that mean this prefix. */
  readonly entry: string
}

/**
 * An immutable set of IPv4 and IPv6 prefixes with longest match. Built for millions: besides the
 * entries themselves it keeps typed arrays (see Ipv4Table and Ipv6Table) and one reference an entry.
 */
export class PrefixSet {
  /** Distinct prefixes: entries that mean the same, such as 10.0.0.1 and 10.0.0.1/32, are one. */
  readonly size: number
  #ipv4: Ipv4Table
  #ipv6: Ipv6Table
  #entries4: readonly (string | Prefix)[]
  #entries6: readonly (string | Prefix)[]
  #warned: readonly (string | Prefix)[]

  private constructor(ipv4: Rows, ipv6: Rows, warned: readonly (string | Prefix)[]) {
    const sorted4 = sortPrefixes(ipv4.columns())
    const sorted6 = sortPrefixes(ipv6.columns())
    this.#ipv4 = new Ipv4Table(sorted4)
    this.#ipv6 = new Ipv6Table(sorted6)
    this.#entries4 = ipv4.entriesOf(sorted4.sources)
    this.#entries6 = ipv6.entriesOf(sorted6.sources)
    this.#warned = warned
    this.size = this.#ipv4.size + this.#ipv6.size
  }

  /** The set of the entries, in any order, of both families. Throws PrefixError as `parsePrefix`. */
  static from(entries: Iterable<string | Prefix>): PrefixSet {
    refuseText(entries)
    const ipv4 = new Rows()
    const ipv6 = new Rows()
    const warned: (string | Prefix)[] = []
    for (const entry of entries) {
      const prefix = toPrefix(entry)
      ;(prefix.family === 4 ? ipv4 : ipv6).add(prefix, entry)
      if (prefix.warning !== undefined) warned.push(entry)
    }
    return new PrefixSet(ipv4, ipv6, warned)
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
    const entry = this.#find(address)
    if (entry === undefined) return undefined
    const prefix = toPrefix(entry)
    return { prefix, entry: prefix.entry }
  }

  /** The entry of the longest match alone, as written. */
  entryOf(address: Address | string): string | undefined {
    const entry = this.#find(address)
    return typeof entry === 'object' ? entry.entry : entry
  }

  /** The distinct prefixes, IPv4 first, by address, shorter ones first. */
  *[Symbol.iterator](): Generator<Prefix> {
    for (const entry of this.#entries4) yield toPrefix(entry)
    for (const entry of this.#entries6) yield toPrefix(entry)
  }

  #find(address: Address | string): string | Prefix | undefined {
    const value = typeof address === 'string' ? parseAddress(address) : address
    if (value === undefined) return undefined
    const row = this.#row(value)
    if (row < 0) return undefined
    return value.family === 4 ? this.#entries4[row] : this.#entries6[row]
  }

  /** The row in the table of the address's family, -1 for none. */
  #row(address: Address): number {
    if (address.family === 4) return this.#ipv4.find(address.w3)
    return this.#ipv6.find(address.w0, address.w1, address.w2, address.w3)
  }
}

function toPrefix(entry: string | Prefix): Prefix {
  return entry instanceof Prefix ? entry : parsePrefix(entry)
}

/** The prefixes of one family while a set is built. */
class Rows {
  #words: readonly [number[], number[], number[], number[]] = [[], [], [], []]
  #lengths: number[] = []
  #entries: (string | Prefix)[] = []

  add({ address, length }: Prefix, entry: string | Prefix): void {
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
    this.#entries.push(entry)
  }

  columns(): { words: Uint32Array[]; lengths: Uint8Array } {
    const words = this.#words.filter((column) => column.length > 0)
    return {
      words: words.map((column) => new Uint32Array(column)),
      lengths: new Uint8Array(this.#lengths),
    }
  }

  entriesOf(sources: Uint32Array): (string | Prefix)[] {
    return Array.from(sources, (source) => this.#entries[source] ?? '')
  }
}
