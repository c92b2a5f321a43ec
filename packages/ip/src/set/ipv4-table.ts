import { Address } from '../address/address.js'
import { MASKS } from '../address/word-mask.js'
import { type FirstLevel, firstLevel, slotOf } from './first-level.js'
import type { Slices } from './slices.js'
import type { SortedPrefixes } from './sorted-prefixes.js'

/** Prefixes that are tried one after another. */
const FEW = 8

/**
 * Longest match over IPv4 prefixes.
 *
 *     10.0.0.0/8     ├──────────────────────────────────────────────┤   row 0, parent -1
 *     10.1.0.0/16        ├──────────────────────────┤                   row 1, parent 0
 *     10.1.7.0/24               ├─────┤                                 row 2, parent 1
 *     address                                x          y
 *
 * The index gives a few rows, bisection the last of them that starts at or before the address: row
 * 2 for x and for y. From there the parents lead outwards to the first that contains it: row 1 for
 * x, row 0 for y. That one is the longest: a prefix that starts later, or is outside this line of
 * parents, cannot contain the address.
 *
 * Bytes for each prefix: 4 start, 1 length, 4 parent, 1 to 2 index.
 */
export class Ipv4Table {
  readonly size: number
  readonly #starts: Uint32Array
  readonly #lengths: Uint8Array
  readonly #parents: Int32Array
  readonly #level: FirstLevel

  private constructor({ words, lengths, parents }: SortedPrefixes, level: FirstLevel) {
    this.size = lengths.length
    this.#starts = words[0] ?? new Uint32Array(0)
    this.#lengths = lengths
    this.#parents = parents
    this.#level = level
  }

  /** `words` is one column. */
  static *of(prefixes: SortedPrefixes): Slices<Ipv4Table> {
    return new Ipv4Table(prefixes, yield* firstLevel(prefixes.words[0] ?? new Uint32Array(0)))
  }

  /** The first address of a row. */
  address(row: number): Address {
    return Address.ipv4(this.#starts[row] ?? 0)
  }

  /** The prefix length of a row, in bits. */
  length(row: number): number {
    return this.#lengths[row] ?? 0
  }

  /**
   * Whether a prefix contains the address, signed or unsigned. Most policies trust a few networks: to
   * try each of so few takes less time than to find the one that it could be.
   */
  has(word: number): boolean {
    if (this.size > FEW) return this.find(word) >= 0
    for (let row = 0; row < this.size; row++) {
      if (this.#contains(row, word)) return true
    }
    return false
  }

  /**
   * The row of the longest prefix that contains the address, signed or unsigned; -1 for none.
   */
  find(bits: number): number {
    const word = bits >>> 0
    const { slots } = this.#level
    const starts = this.#starts
    const slot = slotOf(this.#level, word, 0)
    let low = slots[slot] ?? 0
    let high = slots[slot + 1] ?? 0
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((starts[middle] ?? 0) <= word) low = middle + 1
      else high = middle
    }
    let row = low - 1
    while (row >= 0 && !this.#contains(row, word)) row = this.#parents[row] ?? -1
    return row
  }

  #contains(row: number, word: number): boolean {
    const mask = MASKS[96 + (this.#lengths[row] ?? 0)] ?? 0
    return (((this.#starts[row] ?? 0) ^ word) & mask) === 0
  }
}
