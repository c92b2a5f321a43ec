/** Dotted decimal of a 32-bit word in host order, signed or unsigned. */
export function ipv4Text(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
}

/**
 * RFC 5952 text of four 32-bit words, signed or unsigned: lower case, no leading zeros, the longest
 * run of two or more zero groups (the first of equals) as `::`. All groups are hexadecimal, the
 * IPv4-compatible ones too (section 5 keeps dots for prefixes known to embed IPv4).
 */
export function ipv6Text(w0: number, w1: number, w2: number, w3: number): string {
  const group = (index: number): number => {
    const word = index < 4 ? (index < 2 ? w0 : w1) : index < 6 ? w2 : w3
    return index % 2 === 0 ? word >>> 16 : word & 0xffff
  }
  const { start, end } = longestZeroRun(group)
  if (start === end) return hexGroups(group, 0, 8)
  return `${hexGroups(group, 0, start)}::${hexGroups(group, end, 8)}`
}

function longestZeroRun(group: (index: number) => number): { start: number; end: number } {
  let start = 0
  let end = 0
  for (let index = 0; index < 8; index++) {
    const from = index
    while (index < 8 && group(index) === 0) index++
    if (index - from > 1 && index - from > end - start) {
      start = from
      end = index
    }
  }
  return { start, end }
}

function hexGroups(group: (index: number) => number, from: number, to: number): string {
  let text = ''
  for (let index = from; index < to; index++) {
    text += (index === from ? '' : ':') + group(index).toString(16)
  }
  return text
}

/**
 * The text of `length` bytes (4 or 16) in network order at `offset`, for writing a wire format:
 * RFC 5952, and IPv4-mapped bytes stay IPv6, as `::ffff:192.0.2.1` (RFC 5952 section 5). Throws
 * RangeError when `bytes` ends before.
 */
export function addressText(bytes: Uint8Array, offset: number, length: 4 | 16): string {
  if (!(offset >= 0 && offset + length <= bytes.length)) {
    throw new RangeError(`no ${length} bytes at offset ${offset} of ${bytes.length}`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length)
  if (length === 4) return ipv4Text(view.getInt32(0))
  const [w0, w1, w2, w3] = [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)]
  const mapped = (w0 | w1) === 0 && w2 === 0xffff
  return mapped ? `::ffff:${ipv4Text(w3)}` : ipv6Text(w0, w1, w2, w3)
}
