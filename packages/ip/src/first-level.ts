/** Sets up to this size are scanned: faster than an index, and the common policy is this small. */
export const SCANNED_SIZE = 8

/**
 * Index over the first bits of a sorted column: `first[slot]` is the first row whose value is at or
 * after `slot << shift`, and the last slot holds the number of rows. About four rows a slot, so one
 * to two bytes for each row.
 */
export interface FirstLevel {
  readonly first: Uint32Array
  readonly shift: number
}

export function firstLevel(column: Uint32Array): FirstLevel {
  const bits = Math.max(1, 29 - Math.clz32(column.length))
  const shift = 32 - bits
  const first = new Uint32Array((1 << bits) + 1)
  for (const value of column) {
    const next = (value >>> shift) + 1
    first[next] = (first[next] ?? 0) + 1
  }
  for (let slot = 1; slot < first.length; slot++) {
    first[slot] = (first[slot] ?? 0) + (first[slot - 1] ?? 0)
  }
  return { first, shift }
}
