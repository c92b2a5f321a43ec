import { Address } from '../address/address.js'
import { MASKS } from '../address/word-mask.js'
import { type FirstLevel, firstLevel, slotOf } from './first-level.js'
import { eachSlice, type Slices } from './slices.js'
import type { SortedPrefixes } from './sorted-prefixes.js'

const NONE = new Uint32Array(0)

/**
 * Longest match over IPv6 prefixes, as Ipv4Table does it, with starts of four words. The last two
 * words are kept only if some prefix is longer than 64 bits.
 *
 * Bytes for each prefix: 8 or 16 start, 1 length, 4 parent, 1 to 2 index.
 */
export class Ipv6Table {
  readonly size: number
  readonly #starts0: Uint32Array
  readonly #starts1: Uint32Array
  readonly #starts2: Uint32Array
  readonly #starts3: Uint32Array
  readonly #wide: boolean
  readonly #lengths: Uint8Array
  readonly #parents: Int32Array
  readonly #level: FirstLevel

  private constructor(
    { words, lengths, parents }: SortedPrefixes,
    wide: boolean,
    level: FirstLevel,
  ) {
    this.size = lengths.length
    this.#wide = wide
    this.#starts0 = words[0] ?? NONE
    this.#starts1 = words[1] ?? NONE
    this.#starts2 = (this.#wide ? words[2] : NONE) ?? NONE
    this.#starts3 = (this.#wide ? words[3] : NONE) ?? NONE
    this.#lengths = lengths
    this.#parents = parents
    this.#level = level
  }

  /** `words` is four columns. */
  static *of(prefixes: SortedPrefixes): Slices<Ipv6Table> {
    const { words, lengths } = prefixes
    const level = yield* firstLevel(words[0] ?? NONE, words[1] ?? NONE)
    return new Ipv6Table(prefixes, yield* isAnyWide(lengths), level)
  }

  /** The first address of a row. */
  address(row: number): Address {
    const [w0, w1] = [this.#starts0[row] ?? 0, this.#starts1[row] ?? 0]
    return Address.ipv6(w0, w1, this.#starts2[row] ?? 0, this.#starts3[row] ?? 0)
  }

  /** The prefix length of a row, in bits. */
  length(row: number): number {
    return this.#lengths[row] ?? 0
  }

  /** The row of the longest prefix that contains the address, -1 for none. */
  find(w0: number, w1: number, w2: number, w3: number): number {
    let row = this.#lastAtOrBefore(w0, w1, w2, w3)
    while (row >= 0 && !this.#contains(row, w0, w1, w2, w3)) row = this.#parents[row] ?? -1
    return row
  }

  #lastAtOrBefore(w0: number, w1: number, w2: number, w3: number): number {
    const { slots } = this.#level
    const slot = slotOf(this.#level, w0, w1)
    let low = slots[slot] ?? 0
    let high = slots[slot + 1] ?? 0
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

/** Whether some prefix is longer than 64 bits. */
function* isAnyWide(lengths: Uint8Array): Slices<boolean> {
  let isWide = false
  yield* eachSlice(lengths.length, (from, to) => {
    for (let row = from; row < to; row++) isWide ||= (lengths[row] ?? 0) > 64
  })
  return isWide
}
