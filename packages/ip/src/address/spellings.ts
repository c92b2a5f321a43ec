import { Prefix, parsePrefix } from '../prefix/prefix.js'
import { eachSlice, type Slices } from '../set/slices.js'
import type { Entry, WrittenEntries } from '../set/written-entries.js'
import type { Address } from './address.js'

/** More than one in this many entries spelt otherwise are kept in an array, fewer in a map. */
const SPARSE = 8

/**
 * How the rows of a table were written. Most lists are written as the set itself would print them,
 * `192.0.2.0/24` or `192.0.2.7`: such an entry is printed anew when somebody asks, and only others
 * are kept (`192.0.2.7/32`, `2001:DB8::/32`, host bits that were set, names).
 */
export class Spellings {
  readonly #others: { get(row: number): Entry | undefined }

  private constructor(others: { get(row: number): Entry | undefined }) {
    this.#others = others
  }

  /**
   * `others` are the entries as they were given, undefined for those that can be printed anew, and
   * `sources` says which of them each row is.
   */
  static *of(others: WrittenEntries, sources: Uint32Array): Slices<Spellings> {
    const kept = new Map<number, Entry>()
    let count = 0
    yield* eachSlice(sources.length, (from, to) => {
      for (let row = from; row < to; row++) if (others.get(sources[row] ?? 0) !== undefined) count++
    })
    if (count * SPARSE > sources.length) {
      return new Spellings({ get: (row) => others.get(sources[row] ?? 0) })
    }
    yield* eachSlice(sources.length, (from, to) => {
      for (let row = from; row < to; row++) {
        const entry = others.get(sources[row] ?? 0)
        if (entry !== undefined) kept.set(row, entry)
      }
    })
    return new Spellings(kept)
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

/** The entry if it is to be kept; undefined if it can be printed anew from what it means. */
export function unlikePrinted(entry: Entry, { address, length }: Prefix): Entry | undefined {
  return typeof entry === 'string' && entry === printed(address, length) ? undefined : entry
}

/** A single address without its length. */
function printed(address: Address, length: number): string {
  const isSingle = length === (address.family === 4 ? 32 : 128)
  return isSingle ? address.text : `${address.text}/${length}`
}
