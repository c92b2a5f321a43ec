import { eachSlice, type Slices } from '../set/slices.js'

/** Prefixes of one family as columns: `words` hold the first addresses, most significant word first. */
export interface PrefixColumns {
  readonly words: readonly Uint32Array[]
  /** Bits. */
  readonly lengths: Uint8Array
}

/**
 * The order of the rows by first address, shorter prefixes first, equal ones in input order, so
 * that every prefix comes after all that contain it. A radix sort, byte by byte from the least
 * significant; a byte that is the same in all rows costs one check.
 */
export function* prefixOrder({ words, lengths }: PrefixColumns): Slices<Uint32Array> {
  let order = new Uint32Array(lengths.length)
  let other = new Uint32Array(lengths.length)
  yield* eachSlice(order.length, (from, to) => {
    for (let row = from; row < to; row++) order[row] = row
  })
  const columns = [{ column: lengths, shifts: [0] }, ...words.toReversed().map(bytesOf)]
  for (const { column, shifts } of columns) {
    for (const shift of shifts) {
      if (yield* sortByByte(column, shift, order, other)) [order, other] = [other, order]
    }
  }
  return order
}

type Column = Uint8Array | Uint32Array

function bytesOf(column: Column): { column: Column; shifts: readonly number[] } {
  return { column, shifts: [0, 8, 16, 24] }
}

/** Stable; false if all rows have the same byte, and `target` is then untouched. */
function* sortByByte(
  column: Column,
  shift: number,
  order: Uint32Array,
  target: Uint32Array,
): Slices<boolean> {
  const places = new Uint32Array(256)
  yield* eachSlice(column.length, (from, to) => countBytes(column, shift, places, from, to))
  let sum = 0
  for (let byte = 0; byte < 256; byte++) {
    const rows = places[byte] ?? 0
    if (rows === column.length) return false
    places[byte] = sum
    sum += rows
  }
  yield* eachSlice(order.length, (from, to) => {
    for (let at = from; at < to; at++) {
      const row = order[at] ?? 0
      const byte = ((column[row] ?? 0) >>> shift) & 255
      const place = places[byte] ?? 0
      target[place] = row
      places[byte] = place + 1
    }
  })
  return true
}

function countBytes(
  column: Column,
  shift: number,
  places: Uint32Array,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    const byte = ((column[row] ?? 0) >>> shift) & 255
    places[byte] = (places[byte] ?? 0) + 1
  }
}
