import { eachSlice, type Slices } from './slices.js'

/**
 * Index over the first bits of sorted addresses, so that a lookup bisects a few rows and not all.
 *
 * Lists cluster: thousands of prefixes under one /32, with ::1 and fe80::/10 far apart. So the
 * index skips the bits that the inner seven eighths of the rows share, and the rows before and
 * after that cluster have one slot each.
 *
 *     row       0 … │                                              │ …
 *     address   ::1 │ 2001:db8:17::, 2001:db8:2a::, 2001:db8:2b:1::│ fe80::
 *                     ───┬──── ─┬─
 *     slot      0   │ base, skip    1, 2, 3, …: the next bits      │ last
 */
export interface FirstLevel {
  /** The first word of the cluster, and the mask of its shared bits. */
  readonly base: number
  readonly mask: number
  /** How many bits are shared: up to 31. */
  readonly skip: number
  /** How far a window is shifted to give a slot of the cluster. */
  readonly shift: number
  /** The first row of each slot, and the number of rows. */
  readonly slots: Uint32Array
}

/** The slot with the last row that may start at or before an address with these first words. */
export function slotOf(level: FirstLevel, w0: number, w1: number): number {
  if (((w0 ^ level.base) & level.mask) === 0)
    return 1 + (windowOf(w0, w1, level.skip) >>> level.shift)
  return w0 < level.base ? 0 : level.slots.length - 2
}

/** The 32 bits of an address after its first `skip` ones (0 to 31), signed. */
function windowOf(w0: number, w1: number, skip: number): number {
  return (w0 << skip) | ((w1 >>> 1) >>> (31 - skip))
}

/**
 * The index of rows sorted by `words0`, then `words1` (IPv4 has none). At least 64 slots; in large
 * sets two to four rows a slot if they are spread evenly, and one to two bytes for each row.
 */
export function* firstLevel(words0: Uint32Array, words1?: Uint32Array): Slices<FirstLevel> {
  const size = words0.length
  const base = words0[size >>> 1] ?? 0
  const inner = (words0[size >>> 4] ?? 0) ^ (words0[size - 1 - (size >>> 4)] ?? 0)
  const skip = Math.min(31, Math.clz32(inner))
  const mask = skip === 0 ? 0 : -1 << (32 - skip)
  const shift = Math.min(26, 2 + Math.clz32(size))
  const slots = new Uint32Array(2 ** (32 - shift) + 3)
  const level = { base, mask, skip, shift, slots }
  yield* eachSlice(size, (from, to) => {
    for (let row = from; row < to; row++) {
      const next = 1 + slotOf(level, words0[row] ?? 0, words1?.[row] ?? 0)
      slots[next] = (slots[next] ?? 0) + 1
    }
  })
  yield* eachSlice(slots.length, (from, to) => {
    for (let slot = Math.max(1, from); slot < to; slot++) {
      slots[slot] = (slots[slot] ?? 0) + (slots[slot - 1] ?? 0)
    }
  })
  return level
}
