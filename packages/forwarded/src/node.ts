import { Address, parseAddress } from '@truehop/ip'
import { ipv4Before, isUnicastIpv4, parseIpv6 } from '@truehop/ip/internal'

/** Why an entry that the walk reached names no client. */
export type NodeFault =
  /** Not an address: `unknown`, an obfuscated identifier, a host name, garbage, a bad port. */
  | 'unidentified-node'
  /** `0.0.0.0` or `::`: an address that no host has. */
  | 'unspecified-address'
  /** A multicast or broadcast address: no single host has it. */
  | 'multicast-address'
  /** The element breaks the grammar of RFC 7239 section 4. */
  | 'invalid-element'
  /** A header that carries one address carried several. */
  | 'ambiguous-single-header'

/** An entry that names an address, with the port beside it, if any (0 to 65535). */
export interface IdentifiedNode {
  readonly address: Address
  /** Absent also where the entry has an obfuscated port. */
  readonly port?: number | undefined
  readonly fault?: undefined
}

/** An entry that names no address. It is never skipped: the hop that wrote it is not a client. */
export interface UnidentifiedNode {
  readonly address?: undefined
  readonly port?: undefined
  readonly fault: NodeFault
}

/** What an entry says. */
export type NodeReading = IdentifiedNode | UnidentifiedNode

/**
 * Where the node that an entry names is put. Most are IPv4, and many are read for each one that is
 * asked for: those come as their bits, and no object is made.
 */
export interface NodePlace {
  /** An IPv4 address that a host can have, as its 32 bits, signed. */
  putIpv4(word: number, port: number | undefined): UnidentifiedNode | undefined
  /** Returns the fault if the place takes the address for another one, which no host can have. */
  put(address: Address, port: number | undefined): UnidentifiedNode | undefined
}

const UNIDENTIFIED: UnidentifiedNode = { fault: 'unidentified-node' }
const UNSPECIFIED: UnidentifiedNode = { fault: 'unspecified-address' }
const MULTICAST: UnidentifiedNode = { fault: 'multicast-address' }

const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COLON = 0x3a
const UNDERSCORE = 0x5f
const DOT = 0x2e
const HYPHEN = 0x2d

/**
 * Reads one entry of `X-Forwarded-For` or of a single-address header: `v4`, `v4:port`, `v6`,
 * `[v6]`, `[v6]:port`. No standard fixes this grammar; a bare IPv6 address is never split at its
 * last colon, so `2001:db8::7:443` is one address.
 */
export function parseHeaderNode(text: string, start = 0, end = text.length): NodeReading {
  const address = parseAddress(text, start, end)
  return address === undefined ? parseDecorated(text, start, end) : namedNode(address)
}

/** An address with a port or in brackets. */
function parseDecorated(text: string, start: number, end: number): NodeReading {
  if (text.charCodeAt(start) === OPEN_BRACKET) return parseBracketed(text, start, end, false)
  const colon = indexOf(text, COLON, start, end)
  return colon === -1 ? UNIDENTIFIED : parseWithPort(text, start, colon, end, false)
}

/**
 * Reads a node of RFC 7239 section 6: `IPv4address` or `"[" IPv6address "]"`, with an optional
 * port or obfuscated port. `unknown` and obfuscated identifiers name no address.
 */
export function parseForwardedNode(text: string): NodeReading {
  if (text.charCodeAt(0) === OPEN_BRACKET) return parseBracketed(text, 0, text.length, true)
  const colon = indexOf(text, COLON, 0, text.length)
  if (colon === -1) return namedNode(parseAddress(text))
  return parseWithPort(text, 0, colon, text.length, true)
}

/**
 * Reads `address:port` where the port is mandatory and follows the last colon, so that an IPv6
 * address before it may be bare: `2001:db8::7:46532` is port 46532 of 2001:db8::7.
 */
export function parseNodeWithPort(text: string, start = 0, end = text.length): NodeReading {
  let colon = end - 1
  while (colon >= start && text.charCodeAt(colon) !== COLON) colon--
  if (colon < start) return UNIDENTIFIED
  const bracketed = text.charCodeAt(start) === OPEN_BRACKET
  if (!bracketed) return withPort(parseAddress(text, start, colon), text, colon + 1, end, false)
  return parseBracketed(text, start, end, false, true)
}

function parseBracketed(
  text: string,
  start: number,
  end: number,
  obfuscatedPort: boolean,
  needsPort = false,
): NodeReading {
  const close = indexOf(text, CLOSE_BRACKET, start, end)
  // `[198.51.100.7]` is not a form of any specification: brackets hold IPv6 text.
  if (close === -1 || indexOf(text, COLON, start, close) === -1) return UNIDENTIFIED
  const address = parseAddress(text, start + 1, close)
  if (close + 1 === end && !needsPort) return namedNode(address)
  if (text.charCodeAt(close + 1) !== COLON) return UNIDENTIFIED
  return withPort(address, text, close + 2, end, obfuscatedPort)
}

/** `v4:port`. The part before the colon contains no other colon, so it can only be IPv4. */
function parseWithPort(
  text: string,
  start: number,
  colon: number,
  end: number,
  obfuscatedPort: boolean,
): NodeReading {
  return withPort(parseAddress(text, start, colon), text, colon + 1, end, obfuscatedPort)
}

function withPort(
  address: Address | undefined,
  text: string,
  start: number,
  end: number,
  obfuscated: boolean,
): NodeReading {
  if (obfuscated && isObfuscated(text, start, end)) return namedNode(address)
  const port = parsePort(text, start, end)
  return port === -1 ? UNIDENTIFIED : namedNode(address, port)
}

/** The node of an address that was read; a fault if no host can have it. */
export function namedNode(address: Address | undefined, port?: number): NodeReading {
  return address?.isUnicast() === true ? { address, port } : faultOf(address)
}

function faultOf(address: Address | undefined): UnidentifiedNode {
  if (address === undefined) return UNIDENTIFIED
  return address.isUnspecified() ? UNSPECIFIED : MULTICAST
}

/** Where `ipv4Before` leaves what it read. Reading never yields, so one place is enough. */
const ipv4 = { word: 0 }

/** Puts what `parseHeaderNode` reads into the place. */
export function putHeaderNode(
  text: string,
  start: number,
  end: number,
  place: NodePlace,
): UnidentifiedNode | undefined {
  return ipv4Before(text, start, end, ipv4) === start
    ? putIpv4(ipv4.word, undefined, place)
    : putOtherNode(text, start, end, place)
}

/** The same for text that is known not to be an IPv4 address alone. */
export function putOtherNode(
  text: string,
  start: number,
  end: number,
  place: NodePlace,
): UnidentifiedNode | undefined {
  const address = parseIpv6(text, start, end)
  return address === undefined
    ? putNode(parseDecorated(text, start, end), place)
    : putAddress(address, undefined, place)
}

/** Puts an address, all of `text`, with the port beside it into the place. */
export function putAddressText(
  text: string,
  port: number | undefined,
  place: NodePlace,
): UnidentifiedNode | undefined {
  const { length } = text
  return ipv4Before(text, 0, length, ipv4) === 0
    ? putIpv4(ipv4.word, port, place)
    : putAddress(parseIpv6(text, 0, length), port, place)
}

/** Puts an IPv4 address, as its 32 bits, signed, unless no host can have it. */
export function putIpv4(
  word: number,
  port: number | undefined,
  place: NodePlace,
): UnidentifiedNode | undefined {
  return isUnicastIpv4(word) ? place.putIpv4(word, port) : faultOf(Address.ipv4(word))
}

/** Puts an address, unless there is none or no host can have it. */
export function putAddress(
  address: Address | undefined,
  port: number | undefined,
  place: NodePlace,
): UnidentifiedNode | undefined {
  return address?.isUnicast() === true ? place.put(address, port) : faultOf(address)
}

/** Puts a node that was read into the place. */
export function putNode(reading: NodeReading, place: NodePlace): UnidentifiedNode | undefined {
  return reading.address === undefined ? reading : place.put(reading.address, reading.port)
}

/** One to five digits up to 65535, else -1. */
function parsePort(text: string, start: number, end: number): number {
  if (end === start || end - start > 5) return -1
  let port = 0
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return -1
    port = port * 10 + digit
  }
  return port <= 65535 ? port : -1
}

/** Like `String.prototype.indexOf`, but never looks beyond `end`: a list must not be read twice. */
function indexOf(text: string, code: number, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (text.charCodeAt(i) === code) return i
  }
  return -1
}

/** `obfport`, RFC 7239 section 6.3: an underscore, then letters, digits, `.`, `_`, `-`. */
function isObfuscated(text: string, start: number, end: number): boolean {
  if (end - start < 2 || text.charCodeAt(start) !== UNDERSCORE) return false
  for (let i = start + 1; i < end; i++) {
    if (!isObfuscatedChar(text.charCodeAt(i))) return false
  }
  return true
}

function isObfuscatedChar(c: number): boolean {
  return (
    (c >= 0x30 && c <= 0x39) ||
    (c >= 0x41 && c <= 0x5a) ||
    (c >= 0x61 && c <= 0x7a) ||
    c === DOT ||
    c === HYPHEN ||
    c === UNDERSCORE
  )
}
