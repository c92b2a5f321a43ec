/** The first `bits` bits of a 32-bit word, signed; all for 32 and more, none for 0 and less. */
export function wordMask(bits: number): number {
  if (bits <= 0) return 0
  return bits >= 32 ? -1 : -1 << (32 - bits)
}

/**
 * `wordMask` as a table, from -96 bits at 0 to 128 bits at 224: the mask of word n of an address
 * under a prefix of `length` bits is `MASKS[96 + length - 32 * n]`.
 */
export const MASKS = Int32Array.from({ length: 225 }, (_, at) => wordMask(at - 96))
