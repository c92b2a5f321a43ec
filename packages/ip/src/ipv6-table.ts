import { firstLevel, SCANNED_SIZE } from './first-level.js'
import type { PrefixColumns } from './prefix-order.js'
import { sortPrefixes } from './sorted-prefixes.js'
import { MASKS } from './word-mask.js'

const NONE = new Uint32Array(0)

/**
 * Longest match over IPv6 prefixes, in the way of Ipv4Table with starts of four words. The last two
 * words are kept only if some prefix is longer than 64 bits.
 *
 * Bytes for each prefix: 8 or 16 start, 1 length, 4 parent, up to 2 index.
 */
export class Ipv6Table {
  /** The row of the input that each row came from. */
  readonly sources: Uint32Array
  readonly size: number
  #starts0: Uint32Array
  #starts1: Uint32Array
  #starts2: Uint32Array
  #starts3: Uint32Array
  #wide: boolean
  #lengths: Uint8Array
  #parents: Int32Array
  #first: Uint32Array
  #shift: number

  /** `words` is four columns. */
  constructor(columns: PrefixColumns) {
    const { words, lengths, parents, sources } = sortPrefixes(columns)
    this.sources = sources
    this.size = sources.length
    this.#wide = lengths.some((length) => length > 64)
    this.#starts0 = words[0] ?? NONE
    this.#starts1 = words[1] ?? NONE
    this.#starts2 = (this.#wide ? words[2] : NONE) ?? NONE
    this.#starts3 = (this.#wide ? words[3] : NONE) ?? NONE
    this.#lengths = lengths
    this.#parents = parents
    const { first, shift } = firstLevel(this.#starts0)
    this.#first = first
    this.#shift = shift
  }

  /** The row of the longest prefix that contains the address, -1 for none. */
  find(w0: number, w1: number, w2: number, w3: number): number {
    if (this.size <= SCANNED_SIZE) return this.#scan(w0, w1, w2, w3)
    let row = this.#lastAtOrBefore(w0, w1, w2, w3)
    while (row >= 0 && !this.#contains(row, w0, w1, w2, w3)) row = this.#parents[row] ?? -1
    return row
  }

  #scan(w0: number, w1: number, w2: number, w3: number): number {
    let row = this.size - 1
    while (row >= 0 && !this.#contains(row, w0, w1, w2, w3)) row--
    return row
  }

  #lastAtOrBefore(w0: number, w1: number, w2: number, w3: number): number {
    const slot = w0 >>> this.#shift
    let low = this.#first[slot] ?? 0
    let high = this.#first[slot + 1] ?? 0
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#startsAtOrBefore(middle, w0, w1, w2, w3)) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  #startsAtOrBefore(row: number, w0: number, w1: number, w2: number, w3: number): boolean {
    const start0 = this.#starts0[row] ?? 0
    if (start0 !== w0) return start0 < w0
    const start1 = this.#starts1[row] ?? 0
    if (start1 !== w1) return start1 < w1
    if (!this.#wide) return true
    const start2 = this.#starts2[row] ?? 0
    return start2 !== w2 ? start2 < w2 : (this.#starts3[row] ?? 0) <= w3
  }

  #contains(row: number, w0: number, w1: number, w2: number, w3: number): boolean {
    const length = this.#lengths[row] ?? 0
    if ((((this.#starts0[row] ?? 0) ^ w0) & (MASKS[96 + length] ?? 0)) !== 0) return false
    if ((((this.#starts1[row] ?? 0) ^ w1) & (MASKS[64 + length] ?? 0)) !== 0) return false
    if (length <= 64) return true
    if ((((this.#starts2[row] ?? 0) ^ w2) & (MASKS[32 + length] ?? 0)) !== 0) return false
    return (((this.#starts3[row] ?? 0) ^ w3) & (MASKS[length] ?? 0)) === 0
  }
}
