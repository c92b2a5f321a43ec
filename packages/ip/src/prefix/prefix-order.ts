/** Prefixes of one family as columns: `words` hold the first addresses, most significant word first. */
export interface PrefixColumns {
  readonly words: readonly Uint32Array[]
  /** Bits. */
  readonly lengths: Uint8Array
}

/**
 * The order of the rows by first address, shorter prefixes first, equal ones as they came: every
 * prefix then stands after all that contain it. A radix sort, byte by byte from the least significant;
 * a byte that is the same in all rows costs one look.
 */
export function prefixOrder({ words, lengths }: PrefixColumns): Uint32Array {
  let order = new Uint32Array(lengths.length).map((_, row) => row)
  let other = new Uint32Array(lengths.length)
  const sortBy = (column: Uint8Array | Uint32Array, shift: number): void => {
    if (!sortByByte(column, shift, order, other)) return
    ;[order, other] = [other, order]
  }
  sortBy(lengths, 0)
  for (const word of words.toReversed()) {
    for (const shift of [0, 8, 16, 24]) sortBy(word, shift)
  }
  return order
}

/** Stable; false if all rows have the same byte, and `target` is then untouched. */
function sortByByte(
  column: Uint8Array | Uint32Array,
  shift: number,
  order: Uint32Array,
  target: Uint32Array,
): boolean {
  const places = new Uint32Array(256)
  for (const value of column) {
    const byte = (value >>> shift) & 255
    places[byte] = (places[byte] ?? 0) + 1
  }
  let sum = 0
  for (let byte = 0; byte < 256; byte++) {
    const rows = places[byte] ?? 0
    if (rows === column.length) return false
    places[byte] = sum
    sum += rows
  }
  for (const row of order) {
    const byte = ((column[row] ?? 0) >>> shift) & 255
    const place = places[byte] ?? 0
    target[place] = row
    places[byte] = place + 1
  }
  return true
}
