/**
 * Index over the first bits of sorted addresses, so that a lookup bisects a few rows and not all.
 *
 * Lists gather: thousands of prefixes under one /32, and ::1 and fe80::/10 beside. So the index skips
 * the bits that the inner seven eighths of the rows share, and the rows outside of that cluster are
 * bisected on their own, from 0 to `start` and from `end` on.
 *
 *     row       0 … start-1 │ start … end-1                                │ end …
 *     address   ::1         │ 2001:db8:17::, 2001:db8:2a::, 2001:db8:2b:1::│ fe80::
 *                             ───┬──── ─┬─
 *                        base, skip    the index: the next bits, 2 ** (32 - shift) slots
 */
export interface FirstLevel {
  /** The first word of the cluster, and the mask of what is shared of it. */
  readonly base: number
  readonly mask: number
  /** How many bits are shared: up to 31. */
  readonly skip: number
  readonly start: number
  readonly end: number
  readonly shift: number
  /** The first row of each slot, and of the slot after the last. */
  readonly slots: Uint32Array
}

/** The 32 bits of an address after its first `skip` ones (0 to 31), signed. */
export function windowOf(w0: number, w1: number, skip: number): number {
  return (w0 << skip) | ((w1 >>> 1) >>> (31 - skip))
}

/**
 * The index of rows sorted by `words0`, then `words1` (IPv4 has none). At least 64 slots; in large sets
 * two to four rows a slot where they lie evenly, and one to two bytes for each row.
 */
export function firstLevel(words0: Uint32Array, words1?: Uint32Array): FirstLevel {
  const size = words0.length
  const base = words0[size >>> 1] ?? 0
  const inner = (words0[size >>> 4] ?? 0) ^ (words0[size - 1 - (size >>> 4)] ?? 0)
  const skip = Math.min(31, Math.clz32(inner))
  const mask = skip === 0 ? 0 : -1 << (32 - skip)
  const shift = Math.min(26, 2 + Math.clz32(size))
  const slots = new Uint32Array(2 ** (32 - shift) + 1)
  let start = 0
  let end = 0
  for (let row = 0; row < size; row++) {
    const word = words0[row] ?? 0
    if (((word ^ base) & mask) === 0) {
      const slot = windowOf(word, words1?.[row] ?? 0, skip) >>> shift
      slots[slot + 1] = (slots[slot + 1] ?? 0) + 1
      end = row + 1
    } else if (word < base) {
      start = row + 1
    }
  }
  slots[0] = start
  for (let slot = 1; slot < slots.length; slot++) {
    slots[slot] = (slots[slot] ?? 0) + (slots[slot - 1] ?? 0)
  }
  return { base, mask, skip, start, end, shift, slots }
}
