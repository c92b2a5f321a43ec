import { Prefix, parsePrefix } from '../prefix/prefix.js'
import { Blocks, type Entry } from '../set/blocks.js'
import { eachSlice, type Slices } from '../set/slices.js'
import type { Address } from './address.js'

/**
 * If more than one entry in this many is spelt differently, all are kept by row; fewer are kept as
 * pairs.
 */
const SPARSE = 8

/**
 * How the rows of a table were written. Most lists are written as the set itself would print them,
 * `192.0.2.0/24` or `192.0.2.7`: such an entry is formatted again when needed, and only the others
 * are kept (`192.0.2.7/32`, `2001:DB8::/32`, host bits that were set, names).
 */
export class Spellings {
  readonly #others: { get(row: number): Entry | undefined }

  private constructor(others: { get(row: number): Entry | undefined }) {
    this.#others = others
  }

  /**
   * `others` are the entries as they were given, undefined for those that can be formatted again,
   * and `sources` says which entry each row came from.
   */
  static *of(others: Blocks<Entry | undefined>, sources: Uint32Array): Slices<Spellings> {
    const kept = new FewEntries()
    let isFew = true
    yield* eachSlice(sources.length, (from, to) => {
      for (let row = from; isFew && row < to; row++) {
        const entry = others.get(sources[row] ?? 0)
        if (entry !== undefined) kept.add(row, entry)
      }
      isFew = kept.size * SPARSE <= sources.length
    })
    return new Spellings(isFew ? kept : { get: (row) => others.get(sources[row] ?? 0) })
  }

  /** The prefix of a row, which is `length` bits of `address`, with its entry as written. */
  prefix(row: number, address: Address, length: number): Prefix {
    const other = this.#others.get(row)
    if (other === undefined) return Prefix.of(address, length, printed(address, length))
    return typeof other === 'string' ? parsePrefix(other) : other
  }

  /** The entry alone. */
  entry(row: number, address: Address, length: number): string {
    const other = this.#others.get(row)
    if (other === undefined) return printed(address, length)
    return typeof other === 'string' ? other : other.entry
  }
}

/** The entry if it must be kept; undefined if it can be formatted again from what it means. */
export function unlikePrinted(entry: Entry, { address, length }: Prefix): Entry | undefined {
  return typeof entry === 'string' && entry === printed(address, length) ? undefined : entry
}

/** A single address without its length. */
function printed(address: Address, length: number): string {
  const isSingle = length === (address.family === 4 ? 32 : 128)
  return isSingle ? address.text : `${address.text}/${length}`
}

/**
 * Entries with their rows, which come in ascending order. Bisected, not hashed: a growing map of a
 * hundred thousand is rebuilt whole each time.
 */
class FewEntries {
  readonly #rows = new Blocks<number>()
  readonly #entries = new Blocks<Entry>()

  get size(): number {
    return this.#rows.length
  }

  add(row: number, entry: Entry): void {
    this.#rows.push(row)
    this.#entries.push(entry)
  }

  get(row: number): Entry | undefined {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#rows.get(middle) ?? 0) < row) low = middle + 1
      else high = middle
    }
    return this.#rows.get(low) === row ? this.#entries.get(low) : undefined
  }
}
