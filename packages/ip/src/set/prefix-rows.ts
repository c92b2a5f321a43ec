import { Spellings, unlikePrinted } from '../address/spellings.js'
import { Prefix, parsePrefix } from '../prefix/prefix.js'
import { Blocks, type Entry } from './blocks.js'
import { GrowingColumn } from './growing-column.js'
import { Ipv4Table } from './ipv4-table.js'
import { Ipv6Table } from './ipv6-table.js'
import type { Slices } from './slices.js'
import { type SortedPrefixes, sortPrefixes } from './sorted-prefixes.js'

/** What a set keeps of one family. */
export interface Family<Table> {
  readonly table: Table
  readonly spellings: Spellings
}

/** All that a set keeps. */
export interface SetParts {
  readonly ipv4: Family<Ipv4Table>
  readonly ipv6: Family<Ipv6Table>
  /** Entries with bits set beyond their length, in their order. */
  readonly warned: Iterable<Entry>
}

/**
 * The entries of a set that is being built, given one at a time: a reader of a million entries need
 * not keep them as strings. `PrefixSet.ofRows` makes the set.
 */
export class PrefixRows {
  readonly #ipv4 = new FamilyRows()
  readonly #ipv6 = new FamilyRows()
  readonly #warned = new Blocks<Entry>()

  /** Adds an entry and returns what it means. Throws PrefixError like `parsePrefix`. */
  add(entry: Entry): Prefix {
    const prefix = toPrefix(entry)
    const rows = prefix.family === 4 ? this.#ipv4 : this.#ipv6
    rows.add(prefix, unlikePrinted(entry, prefix))
    if (prefix.warning !== undefined) this.#warned.push(entry)
    return prefix
  }

  /** @internal For `PrefixSet`. */
  *parts(): Slices<SetParts> {
    return {
      ipv4: yield* this.#ipv4.family(Ipv4Table.of),
      ipv6: yield* this.#ipv6.family(Ipv6Table.of),
      warned: this.#warned,
    }
  }
}

export function toPrefix(entry: Entry): Prefix {
  return entry instanceof Prefix ? entry : parsePrefix(entry)
}

/** The prefixes of one family as columns. */
class FamilyRows {
  readonly #words = [words(), words(), words(), words()] as const
  readonly #lengths = new GrowingColumn((length) => new Uint8Array(length))
  /** As given, undefined for those that can be formatted again. */
  readonly #others = new Blocks<Entry | undefined>()

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
      if (column.length > 0) words.push(yield* column.values())
    }
    const sorted = yield* sortPrefixes({ words, lengths: yield* this.#lengths.values() })
    const spellings = yield* Spellings.of(this.#others, sorted.sources)
    return { table: yield* tableOf(sorted), spellings }
  }
}

function words(): GrowingColumn<Uint32Array> {
  return new GrowingColumn((length) => new Uint32Array(length))
}
