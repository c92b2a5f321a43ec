import { MASKS } from '../address/word-mask.js'
import { type PrefixColumns, prefixOrder } from '../prefix/prefix-order.js'
import { eachSlice, type Slices } from './slices.js'

/**
 * The distinct prefixes of one family, each after all that contain it, and the way outwards: the
 * parent of a row is the longest other prefix that contains it, -1 for none.
 *
 *     row  prefix         parent
 *      0   10.0.0.0/8       -1      ├────────────────────────────────────────┤
 *      1   10.1.0.0/16       0         ├───────────────────────┤
 *      2   10.1.7.0/24       1              ├─────┤
 *      3   10.9.0.0/16       0                                   ├──────┤
 */
export interface SortedPrefixes extends PrefixColumns {
  readonly parents: Int32Array
  /** The row of the input that each came from, the first of equals. */
  readonly sources: Uint32Array
}

export function* sortPrefixes(input: PrefixColumns): Slices<SortedPrefixes> {
  const sources = yield* distinct(input, yield* prefixOrder(input))
  const words: Uint32Array[] = []
  for (const column of input.words) {
    words.push(yield* gather(column, new Uint32Array(sources.length), sources))
  }
  const lengths = yield* gather(input.lengths, new Uint8Array(sources.length), sources)
  return { words, lengths, sources, parents: yield* parentsOf({ words, lengths }) }
}

/** The order without the rows that equal the one before them. */
function* distinct({ words, lengths }: PrefixColumns, order: Uint32Array): Slices<Uint32Array> {
  let kept = 0
  let previous = -1
  const sources = new Uint32Array(order.length)
  const isSame = (row: number): boolean =>
    previous >= 0 &&
    lengths[row] === lengths[previous] &&
    words.every((word) => word[row] === word[previous])
  yield* eachSlice(order.length, (from, to) => {
    for (let at = from; at < to; at++) {
      const row = order[at] ?? 0
      if (!isSame(row)) sources[kept++] = row
      previous = row
    }
  })
  return yield* firstOf(sources, kept)
}

/**
 * A copy of the first `length` rows, so that a list of duplicates does not keep memory for all of
 * them.
 */
function* firstOf(rows: Uint32Array, length: number): Slices<Uint32Array> {
  if (length === rows.length) return rows
  const copy = new Uint32Array(length)
  yield* eachSlice(length, (from, to) => copy.set(rows.subarray(from, to), from))
  return copy
}

function* gather<Column extends Uint8Array | Uint32Array>(
  source: Column,
  target: Column,
  rows: Uint32Array,
): Slices<Column> {
  yield* eachSlice(rows.length, (from, to) => {
    for (let at = from; at < to; at++) target[at] = source[rows[at] ?? 0] ?? 0
  })
  return target
}

/** One pass: what contains a row is the row before it, or one of that row's parents. */
function* parentsOf(prefixes: PrefixColumns): Slices<Int32Array> {
  const parents = new Int32Array(prefixes.lengths.length)
  yield* eachSlice(parents.length, (from, to) => {
    for (let row = from; row < to; row++) {
      let parent = row - 1
      while (parent >= 0 && !encloses(prefixes, parent, row)) parent = parents[parent] ?? -1
      parents[row] = parent
    }
  })
  return parents
}

function encloses({ words, lengths }: PrefixColumns, outer: number, inner: number): boolean {
  const length = lengths[outer] ?? 0
  for (let at = 0; 32 * at < length; at++) {
    const word = words[at]
    const difference = (word?.[outer] ?? 0) ^ (word?.[inner] ?? 0)
    if ((difference & (MASKS[96 + length - 32 * at] ?? 0)) !== 0) return false
  }
  return true
}
