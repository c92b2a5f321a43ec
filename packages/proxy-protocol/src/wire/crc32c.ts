/** CRC32C (Castagnoli), RFC 3720 appendix B.4 and RFC 4960 appendix B: reflected 0x1EDC6F41. */
const POLYNOMIAL = 0x82f63b78

/** Built for the first checksum: most headers have none. */
let table: Uint32Array | undefined

function crcTable(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    return crc
  })
}

/** The CRC32C of `bytes[start..end)` as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  return ~feed(-1, bytes, start, end) >>> 0
}

/**
 * The checksum of a PROXY header of `end` bytes as section 2.2.3 asks for it: with the four bytes
 * of the checksum itself, which start at `field`, taken as zero.
 */
export function headerChecksum(bytes: Uint8Array, field: number, end: number): number {
  const before = feed(-1, bytes, 0, field)
  return ~feed(feed(before, ZEROS, 0, 4), bytes, field + 4, end) >>> 0
}

const ZEROS = new Uint8Array(4)

function feed(start: number, bytes: Uint8Array, from: number, to: number): number {
  table ??= crcTable(POLYNOMIAL)
  const crcs = table
  let crc = start
  for (let at = from; at < to; at++) {
    const index = (crc ^ (bytes[at] as number)) & 0xff
    crc = (crcs[index] as number) ^ (crc >>> 8)
  }
  return crc
}
