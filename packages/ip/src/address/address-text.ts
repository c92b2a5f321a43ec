// The 256 values of a byte as text: three times as fast as formatting the number each time.
const DECIMAL = Array.from({ length: 256 }, (_, byte) => `${byte}`)
const DECIMAL_DOT = DECIMAL.map((text) => `${text}.`)
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16))
const HEX_PADDED = HEX.map((text) => text.padStart(2, '0'))

/** Dotted decimal of a 32-bit word in host order, signed or unsigned. */
export function ipv4Text(word: number): string {
  const head = (DECIMAL_DOT[word >>> 24] ?? '') + (DECIMAL_DOT[(word >>> 16) & 255] ?? '')
  return head + ((DECIMAL_DOT[(word >>> 8) & 255] ?? '') + (DECIMAL[word & 255] ?? ''))
}

/**
 * RFC 5952 text of four 32-bit words, signed or unsigned: lower case, no leading zeros, the longest
 * run of two or more zero groups (the first of equally long ones) as `::`. All groups are
 * hexadecimal, even in IPv4-compatible and NAT64 addresses.
 */
export function ipv6Text(w0: number, w1: number, w2: number, w3: number): string {
  const groups = [
    w0 >>> 16,
    w0 & 0xffff,
    w1 >>> 16,
    w1 & 0xffff,
    w2 >>> 16,
    w2 & 0xffff,
    w3 >>> 16,
    w3 & 0xffff,
  ]
  let start = 8
  let end = 8
  for (let at = 0; at < 7; at++) {
    const from = at
    while (at < 8 && groups[at] === 0) at++
    if (at - from > Math.max(1, end - start)) {
      start = from
      end = at
    }
  }
  if (start === end) return hexText(groups, 0, 8)
  return `${hexText(groups, 0, start)}::${hexText(groups, end, 8)}`
}

function hexText(groups: readonly number[], start: number, end: number): string {
  if (start === end) return ''
  let text = hex(groups[start] ?? 0)
  for (let at = start + 1; at < end; at++) text = `${text}:${hex(groups[at] ?? 0)}`
  return text
}

function hex(group: number): string {
  const low = group & 255
  return group < 256 ? `${HEX[low]}` : `${HEX[group >>> 8]}${HEX_PADDED[low]}`
}

/**
 * The text of `length` bytes (4 or 16) in network order at `offset`, for writing a wire format: RFC
 * 5952, and IPv4-mapped bytes stay IPv6, as `::ffff:192.0.2.1` (RFC 5952 section 5). Throws
 * RangeError if `bytes` is too short.
 */
export function addressText(bytes: Uint8Array, offset: number, length: 4 | 16): string {
  if (!(offset >= 0 && offset + length <= bytes.length)) {
    throw new RangeError(
      `must have ${length} bytes from offset ${offset}, got ${bytes.length} in all`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length)
  if (length === 4) return ipv4Text(view.getInt32(0))
  const [w0, w1, w2, w3] = [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)]
  const mapped = (w0 | w1) === 0 && w2 === 0xffff
  return mapped ? `::ffff:${ipv4Text(w3)}` : ipv6Text(w0, w1, w2, w3)
}
