import { firstLevel, SCANNED_SIZE } from './first-level.js'
import type { PrefixColumns } from './prefix-order.js'
import { sortPrefixes } from './sorted-prefixes.js'
import { MASKS } from './word-mask.js'

/**
 * Longest match over IPv4 prefixes.
 *
 *     10.0.0.0/8     ├──────────────────────────────────────────────┤   row 0, parent -1
 *     10.1.0.0/16        ├──────────────────────────┤                   row 1, parent 0
 *     10.1.7.0/24               ├─────┤                                 row 2, parent 1
 *     address                                x          y
 *
 * The index over the first bits gives a few rows, bisection the last of them that starts at or
 * before the address: row 2 for x and for y. From there the parents lead outwards to the first that
 * contains it: row 1 for x, row 0 for y. That one is the longest: a prefix that starts later, or
 * lies beside this line of parents, cannot contain the address.
 *
 * Bytes for each prefix: 4 start, 1 length, 4 parent, up to 2 index.
 */
export class Ipv4Table {
  /** The row of the input that each row came from. */
  readonly sources: Uint32Array
  readonly size: number
  #starts: Uint32Array
  #lengths: Uint8Array
  #parents: Int32Array
  #first: Uint32Array
  #shift: number

  /** `words` is one column. */
  constructor(columns: PrefixColumns) {
    const { words, lengths, parents, sources } = sortPrefixes(columns)
    this.sources = sources
    this.size = sources.length
    this.#starts = words[0] ?? new Uint32Array(0)
    this.#lengths = lengths
    this.#parents = parents
    const { first, shift } = firstLevel(this.#starts)
    this.#first = first
    this.#shift = shift
  }

  /** The row of the longest prefix that contains the address, -1 for none. */
  find(word: number): number {
    if (this.size <= SCANNED_SIZE) return this.#scan(word)
    let row = this.#lastAtOrBefore(word)
    while (row >= 0 && !this.#contains(row, word)) row = this.#parents[row] ?? -1
    return row
  }

  #scan(word: number): number {
    let row = this.size - 1
    while (row >= 0 && !this.#contains(row, word)) row--
    return row
  }

  #lastAtOrBefore(word: number): number {
    const slot = word >>> this.#shift
    let low = this.#first[slot] ?? 0
    let high = this.#first[slot + 1] ?? 0
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#starts[middle] ?? 0) <= word) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  #contains(row: number, word: number): boolean {
    const mask = MASKS[96 + (this.#lengths[row] ?? 0)] ?? 0
    return (((this.#starts[row] ?? 0) ^ word) & mask) === 0
  }
}
