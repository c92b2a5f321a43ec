import { Address } from './address.js'

const PERCENT = 0x25
const DOT = 0x2e
const COLON = 0x3a

/** Longest zone id read, in characters. Interface names have 15 on Linux, 255 on Windows. */
const MAX_ZONE_LENGTH = 64

/** The eight groups of the IPv6 text being read, in network order. Parsing never yields, so one will do. */
const groups = new DataView(new ArrayBuffer(16))

/**
 * The address that `text` is from `start` to before `end`, all of it; undefined when it is none.
 *
 * IPv4 is four decimal numbers without leading zeros (RFC 6943 section 3.1.1 on what looser forms
 * cost); IPv6 is RFC 4291 section 2.2, all three forms, with an optional zone id (RFC 4007 section
 * 11), which is dropped. IPv4-mapped gives IPv4. No brackets, port, white space or other notation.
 * Reads at most some 110 characters, whatever the length of `text`.
 */
export function parseAddress(
  text: string,
  start: number = 0,
  end: number = text.length,
): Address | undefined {
  const word = readIpv4(text, start, end)
  if (word >= 0) return Address.ipv4(word)
  const stop = readIpv6(text, start, end)
  if (stop < 0 || (stop < end && !isZone(text, stop, end))) return undefined
  return Address.ipv6(
    groups.getInt32(0),
    groups.getInt32(4),
    groups.getInt32(8),
    groups.getInt32(12),
  )
}

/**
 * The 16 bytes of IPv6 text in network order, for writing a wire format: IPv4-mapped text keeps its
 * prefix. Undefined for IPv4 text, a zone id, or anything else.
 */
export function ipv6Bytes(text: string): Uint8Array | undefined {
  if (readIpv6(text, 0, text.length) !== text.length) return undefined
  return new Uint8Array(groups.buffer).slice()
}

/** The unsigned 32-bit word of dotted decimal text, or -1. */
function readIpv4(text: string, start: number, end: number): number {
  let word = 0
  let octet = -1
  let dots = 0
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === DOT) {
      if (octet < 0 || dots === 3) return -1
      word = (word << 8) | octet
      octet = -1
      dots++
      continue
    }
    const digit = code - 0x30
    // Written so that NaN, from an `end` beyond the text, is refused too. After 0 comes no digit.
    if (!(digit >= 0 && digit <= 9) || octet === 0) return -1
    octet = octet < 0 ? digit : octet * 10 + digit
    if (octet > 255) return -1
  }
  if (dots !== 3 || octet < 0) return -1
  return ((word << 8) | octet) >>> 0
}

/**
 * Reads IPv6 text into `groups`; returns where it stopped (at `end`, or at a character that no
 * address holds, such as the % of a zone), or -1.
 *
 *     2001:db8::1:192.0.2.1        `gap`: how many groups stand before the ::, -1 without one
 *     └─┬─┘└┬┘  │ └──┬────┘
 *       0   1   2   3,4            `count`: groups read; those after the gap move to the end
 */
function readIpv6(text: string, start: number, end: number): number {
  let count = 0
  let gap = -1
  let at = start
  if (text.charCodeAt(at) === COLON) {
    if (text.charCodeAt(at + 1) !== COLON || at + 2 > end) return -1
    gap = 0
    at += 2
  }
  while (true) {
    const from = at
    let value = 0
    let digit = at < end ? hexDigit(text.charCodeAt(at)) : -1
    while (digit >= 0) {
      value = (value << 4) | digit
      at++
      if (at - from > 4) return -1
      digit = at < end ? hexDigit(text.charCodeAt(at)) : -1
    }
    const code = at < end ? text.charCodeAt(at) : PERCENT
    if (at === from) {
      // Nothing between two separators: only right after :: and at the end.
      if (gap !== count || code !== PERCENT) return -1
      break
    }
    if (code === DOT) {
      const stop = tailEnd(text, from, end)
      const word = readIpv4(text, from, stop)
      if (word < 0 || count > 6) return -1
      groups.setUint16(2 * count, word >>> 16)
      groups.setUint16(2 * count + 2, word & 0xffff)
      count += 2
      at = stop
      break
    }
    if (count === 8) return -1
    groups.setUint16(2 * count, value)
    count++
    if (code !== COLON) break
    at++
    if (at < end && text.charCodeAt(at) === COLON) {
      if (gap >= 0) return -1
      gap = count
      at++
    }
  }
  if (gap < 0) return count === 8 ? at : -1
  // A :: stands for at least one group (RFC 4291 section 2.2).
  if (count > 7) return -1
  spread(gap, count)
  return at
}

/** Moves the groups from `gap` to before `count` to the end, and puts zeros between. */
function spread(gap: number, count: number): void {
  let to = 7
  for (let from = count - 1; from >= gap; from--, to--) {
    groups.setUint16(2 * to, groups.getUint16(2 * from))
  }
  for (; to >= gap; to--) groups.setUint16(2 * to, 0)
}

/** Where the dotted decimal at the end of IPv6 text ends: at `end` or before the zone. */
function tailEnd(text: string, start: number, end: number): number {
  const limit = Math.min(end, start + 16)
  for (let at = start; at < limit; at++) {
    if (text.charCodeAt(at) === PERCENT) return at
  }
  return end
}

function hexDigit(code: number): number {
  const digit = code - 0x30
  if (digit >= 0 && digit <= 9) return digit
  const letter = (code | 0x20) - 0x61
  return letter >= 0 && letter <= 5 ? letter + 10 : -1
}

/** `%` and 1 to 64 unreserved or percent-encoded characters (the ZoneID of RFC 6874 section 2). */
function isZone(text: string, start: number, end: number): boolean {
  const length = end - start - 1
  if (text.charCodeAt(start) !== PERCENT || length < 1 || length > MAX_ZONE_LENGTH) return false
  for (let at = start + 1; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === PERCENT) {
      if (at + 2 >= end || hexDigit(text.charCodeAt(at + 1)) < 0) return false
      if (hexDigit(text.charCodeAt(at + 2)) < 0) return false
      at += 2
    } else if (!isUnreserved(code)) {
      return false
    }
  }
  return true
}

/** ALPHA / DIGIT / "-" / "." / "_" / "~" (RFC 3986 section 2.3). */
function isUnreserved(code: number): boolean {
  const letter = code | 0x20
  if ((letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39)) return true
  return code === 0x2d || code === DOT || code === 0x5f || code === 0x7e
}
