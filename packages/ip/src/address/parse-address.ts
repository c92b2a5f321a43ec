import { Address } from './address.js'

const PERCENT = 0x25
const DOT = 0x2e
const COLON = 0x3a

/** Longest zone id accepted, in characters; a Linux interface name has at most 15. */
const MAX_ZONE_LENGTH = 64

/** The value of a hexadecimal digit, by its character code; -1 for other characters. */
const HEX_DIGIT = Int8Array.from({ length: 256 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()),
)

/**
 * Where the parsers leave what they read. Parsing never yields, so one place for each is enough.
 */
const ipv4 = { word: 0 }
const groups = new DataView(new ArrayBuffer(16))

/**
 * The address that `text` spells from `start` up to `end`, all of it; undefined if it is not one.
 *
 * IPv4 is four decimal numbers without leading zeros (RFC 6943 section 3.1.1 says what looser forms
 * cost); IPv6 is RFC 4291 section 2.2, all three forms, with an optional zone id (RFC 4007 section
 * 11), which is dropped. IPv4-mapped gives IPv4. No brackets, port, white space or other notation.
 * Reads at most about 110 characters, whatever the length of `text`, and never throws.
 */
export function parseAddress(
  text: string,
  start: number = 0,
  end: number = text.length,
): Address | undefined {
  if (!(start >= 0 && end <= text.length)) return undefined
  return ipv4Before(text, start, end, ipv4) === start
    ? Address.ipv4(ipv4.word)
    : parseIpv6(text, start, end)
}

/** The same for text that is known not to be IPv4. */
export function parseIpv6(text: string, start: number, end: number): Address | undefined {
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

/** `.` minus `0`: what a dot gives where a digit is expected. */
const DOT_DIGIT = DOT - 0x30

/**
 * Reads the dotted decimal that ends at `end`, going left no further than `start`, and writes its
 * bits to `found.word` (signed). Returns where it starts, or -1 with nothing written if there is
 * none.
 *
 * For lists that are read from the right: one pass over the text, where finding the start of an
 * element and then reading it would take two. The caller knows what may precede an address.
 *
 * The one to three digits of a number are unrolled: how many there are is what the processor
 * mispredicts, and a loop would add branches.
 */
export function ipv4Before(
  text: string,
  start: number,
  end: number,
  found: { word: number },
): number {
  let word = 0
  let at = end - 1
  for (let shift = 0; at >= start; shift += 8) {
    let octet = text.charCodeAt(at--) - 0x30
    if (octet < 0 || octet > 9) return -1
    let digit = at < start ? DOT_DIGIT : text.charCodeAt(at) - 0x30
    if (digit >= 0 && digit <= 9) {
      let first = digit
      octet += 10 * digit
      at--
      digit = at < start ? DOT_DIGIT : text.charCodeAt(at) - 0x30
      if (digit >= 0 && digit <= 9) {
        first = digit
        octet += 100 * digit
        if (octet > 255) return -1
        at--
        digit = at < start ? DOT_DIGIT : text.charCodeAt(at) - 0x30
      }
      // No digit follows a leading 0: other parsers would read octal.
      if (first === 0) return -1
    }
    word |= octet << shift
    if (shift === 24) {
      // A longer number would start further left.
      if (digit >= 0 && digit <= 9) return -1
      found.word = word
      return at + 1
    }
    if (digit !== DOT_DIGIT) return -1
    at--
  }
  return -1
}

/**
 * Reads IPv6 text into `groups`; returns where it stopped (at `end`, or at the first character that
 * belongs to no group, such as the % of a zone), or -1.
 *
 *     2001:db8::1:192.0.2.1        `gap`: how many groups come before the ::, -1 without one
 *     ──┬─ ─┬─  ┬ ────┬────
 *       0   1   2    3,4           `count`: groups read; those after the gap move to the end
 */
function readIpv6(text: string, start: number, end: number): number {
  let count = 0
  let gap = -1
  let value = 0
  let digits = 0
  let at = start
  if (at < end && text.charCodeAt(at) === COLON) {
    if (at + 1 >= end || text.charCodeAt(at + 1) !== COLON) return -1
    gap = 0
    at += 2
  }
  while (at < end) {
    const group = readGroup(text, at, end)
    value = group & 0xffff
    digits = group >>> 16
    at += digits
    if (at === end || text.charCodeAt(at) !== COLON) break
    if (digits === 0) {
      // The character before this colon is a colon too.
      if (gap >= 0) return -1
      gap = count
    } else {
      // Nothing may follow an eighth group.
      if (count === 7) return -1
      groups.setUint16(2 * count, value)
      count++
      digits = 0
    }
    at++
  }
  if (at < end && text.charCodeAt(at) === DOT) {
    const from = at - digits
    at = tailEnd(text, at, end)
    if (count > 6 || ipv4Before(text, from, at, ipv4) !== from) return -1
    groups.setUint16(2 * count, ipv4.word >>> 16)
    groups.setUint16(2 * count + 2, ipv4.word & 0xffff)
    count += 2
  } else if (digits > 0) {
    groups.setUint16(2 * count, value)
    count++
  } else if (gap !== count) {
    // Nothing, or a single colon, at the end.
    return -1
  }
  if (gap < 0) return count === 8 ? at : -1
  // A :: stands for one group or more (RFC 4291 section 2.2), not for none.
  if (count === 8) return -1
  spread(gap, count)
  return at
}

/**
 * The one to four hexadecimal digits at `start`: their count times 65,536, plus their value; 0 for
 * none.
 */
function readGroup(text: string, start: number, end: number): number {
  let value = hexDigit(text, start)
  if (value < 0) return 0
  let at = start + 1
  let digit = at < end ? hexDigit(text, at) : -1
  if (digit >= 0) {
    value = (value << 4) | digit
    at++
    digit = at < end ? hexDigit(text, at) : -1
    if (digit >= 0) {
      value = (value << 4) | digit
      at++
      digit = at < end ? hexDigit(text, at) : -1
      if (digit >= 0) {
        value = (value << 4) | digit
        at++
      }
    }
  }
  return ((at - start) << 16) | value
}

/** Moves the groups from `gap` to before `count` to the end, and puts zeros in between. */
function spread(gap: number, count: number): void {
  let to = 7
  for (let from = count - 1; from >= gap; from--, to--) {
    groups.setUint16(2 * to, groups.getUint16(2 * from))
  }
  for (; to >= gap; to--) groups.setUint16(2 * to, 0)
}

/** Where the dotted decimal with a dot at `start` ends: before the zone, or at `end`. */
function tailEnd(text: string, start: number, end: number): number {
  const limit = Math.min(end, start + 13)
  for (let at = start; at < limit; at++) {
    if (text.charCodeAt(at) === PERCENT) return at
  }
  return end
}

/** `%` and 1 to 64 unreserved or percent-encoded characters (the ZoneID of RFC 6874 section 2). */
function isZone(text: string, start: number, end: number): boolean {
  const length = end - start - 1
  if (text.charCodeAt(start) !== PERCENT || length < 1 || length > MAX_ZONE_LENGTH) return false
  for (let at = start + 1; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === PERCENT) {
      if (at + 2 >= end || hexDigit(text, at + 1) < 0 || hexDigit(text, at + 2) < 0) return false
      at += 2
    } else if (!isUnreserved(code)) {
      return false
    }
  }
  return true
}

function hexDigit(text: string, at: number): number {
  return HEX_DIGIT[text.charCodeAt(at)] ?? -1
}

/** ALPHA / DIGIT / "-" / "." / "_" / "~" (RFC 3986 section 2.3). */
function isUnreserved(code: number): boolean {
  const letter = code | 0x20
  if ((letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39)) return true
  return code === 0x2d || code === DOT || code === 0x5f || code === 0x7e
}
