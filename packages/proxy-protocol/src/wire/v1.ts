import { addressText, ipv6Bytes } from '@truehop/ip'
import { latin1Text, quoted, u8 } from './bytes.js'
import type { ProxyHeader, Tlv } from './header.js'
import { endText, ipv4End, last, portEnd, type Side } from './ipv4.js'
import {
  ABSENT,
  type DecodeOptions,
  type DecodeResult,
  INCOMPLETE,
  type Malformed,
  malformed,
} from './result.js'

/*
 * Version 1, section 2.1: one line of US-ASCII, one space between fields, at most 107 bytes.
 *
 *   PROXY TCP4 192.0.2.1 198.51.100.7 56324 443 CR LF
 *   |     |    |         |            |     |
 *   0     6    11        source       ports, 0..65535, no leading zeros
 *         family         destination
 *
 *   PROXY UNKNOWN CR LF                      nothing known: the real endpoints count
 *   PROXY UNKNOWN <anything> CR LF           what comes before CR LF is ignored
 */

/** `P` of `PROXY`. */
export const V1_FIRST_BYTE = 0x50

/** Longest version 1 line, CR LF included, section 2.1. */
export const V1_MAX_BYTES = 107

const PREFIX = [0x50, 0x52, 0x4f, 0x58, 0x59] as const
const SP = 0x20
const CR = 0x0d
const LF = 0x0a
const FAMILY_AT = 6
const FIELD_COUNT = 6
const NO_TLVS: readonly Tlv[] = Object.freeze([])

const UNKNOWN_HEADER: ProxyHeader = Object.freeze({
  version: 1,
  command: 'PROXY',
  family: 'UNSPEC',
  transport: 'UNSPEC',
  tlvs: NO_TLVS,
})

/** Decodes a line that starts with `P`; see `decode`. */
export function decodeV1(bytes: Uint8Array, options?: DecodeOptions): DecodeResult {
  for (let at = 1; at < PREFIX.length; at++) {
    if (at === bytes.length) return INCOMPLETE
    if (bytes[at] !== PREFIX[at]) return ABSENT
  }
  if (bytes.length === PREFIX.length) return INCOMPLETE
  if (bytes[5] !== SP) return malformed('v1_malformed', 5, '"PROXY" is not followed by one space')

  const limit = Math.min(options?.maxHeaderBytes ?? V1_MAX_BYTES, V1_MAX_BYTES)
  const usual = usualLine(bytes, limit)
  if (usual !== undefined) return usual
  const end = lineEnd(bytes, limit)
  return typeof end === 'number' ? decodeLine(bytes, end, options) : end
}

/**
 * A whole and valid line of TCP4, as nearly all are, read once from left to right. About any other
 * line this says nothing: the steps below find what is wrong with it, or missing, and look for the
 * end of the line before they read a field. If a field cannot be read, `at` is -1, and there is no
 * byte.
 */
function usualLine(bytes: Uint8Array, limit: number): DecodeResult | undefined {
  if (bytes[9] !== 0x34 || bytes[10] !== SP || !isTcp(bytes)) return undefined
  let at = ipv4End(bytes, 11)
  if (bytes[at] !== SP) return undefined
  const source = last.word
  at = ipv4End(bytes, at + 1)
  if (bytes[at] !== SP) return undefined
  const destination = last.word
  at = portEnd(bytes, at + 1)
  if (bytes[at] !== SP) return undefined
  const sourcePort = last.port
  at = portEnd(bytes, at + 1)
  if (bytes[at] !== CR || bytes[at + 1] !== LF || at + 2 > limit) return undefined
  return tcp(endText(source, 0), sourcePort, endText(destination, 1), last.port, 'INET', at)
}

/** `end` is the position of CR: CR LF has arrived, as section 2.1 asks before decoding. */
function decodeLine(bytes: Uint8Array, end: number, options?: DecodeOptions): DecodeResult {
  if (isUnknown(bytes) && (end === 13 || bytes[13] === SP)) return complete(UNKNOWN_HEADER, end)
  const digit = isTcp(bytes) && (end === 10 || bytes[10] === SP) ? bytes[9] : 0
  if (digit === 0x34) return decodeTcp(bytes, end, 'INET', options)
  if (digit === 0x36) return decodeTcp(bytes, end, 'INET6', options)
  const token = quoted(bytes, FAMILY_AT, fieldEnd(bytes, FAMILY_AT, end))
  return malformed('v1_bad_family', FAMILY_AT, `${token} is not TCP4, TCP6 or UNKNOWN`)
}

/**
 * The four fields after the family, one space between them. nginx writes the family of the client,
 * and its own end in another: if that is accepted, then only for the destination, from which
 * nothing follows.
 */
function decodeTcp(
  bytes: Uint8Array,
  end: number,
  family: 'INET' | 'INET6',
  options: DecodeOptions | undefined,
): DecodeResult {
  const starts = fieldStarts(bytes, end)
  if (starts.length !== FIELD_COUNT) return wrongFieldCount(starts.length)
  const [, , sourceAt, destinationAt, sourcePortAt, destinationPortAt] = starts as Fields

  const source = addressField(bytes, sourceAt, destinationAt - 1, family, 0)
  if (source === undefined) return badAddress(bytes, sourceAt, destinationAt - 1)
  const own = addressField(bytes, destinationAt, sourcePortAt - 1, family, 1)
  const isMixed = own === undefined && options?.mixedFamilies === 'accept'
  const other = family === 'INET' ? 'INET6' : 'INET'
  const destination = isMixed ? addressField(bytes, destinationAt, sourcePortAt - 1, other, 1) : own
  if (destination === undefined) return badAddress(bytes, destinationAt, sourcePortAt - 1)
  const sourcePort = portField(bytes, sourcePortAt, destinationPortAt - 1)
  if (sourcePort < 0) return badPort(bytes, sourcePortAt, destinationPortAt - 1)
  const destinationPort = portField(bytes, destinationPortAt, end)
  if (destinationPort < 0) return badPort(bytes, destinationPortAt, end)
  const all = isMixed ? 'INET6' : family
  return tcp(source, sourcePort, destination, destinationPort, all, end)
}

function tcp(
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
  family: 'INET' | 'INET6',
  end: number,
): DecodeResult {
  const header: ProxyHeader = {
    version: 1,
    command: 'PROXY',
    family,
    transport: 'STREAM',
    source: { address: source, port: sourcePort },
    destination: { address: destination, port: destinationPort },
    tlvs: NO_TLVS,
  }
  return complete(header, end)
}

/**
 * The position of the CR of the first CR LF, or why there is none. A CR or LF alone never ends the
 * line (section 2.1), so it can only be refused, and that at once: two programs that
 * disagree on the end of this line disagree on where the payload begins. After `UNKNOWN ` all
 * bytes before CR LF are ignored, as the section asks.
 */
function lineEnd(bytes: Uint8Array, limit: number): DecodeResult | number {
  const anything = isUnknown(bytes) && bytes[13] === SP
  const seen = Math.min(bytes.length, limit - 1)
  for (let at = anything ? 14 : FAMILY_AT; at < seen; at++) {
    const byte = u8(bytes, at)
    if (byte === CR) {
      if (at + 1 === bytes.length) return INCOMPLETE
      if (bytes[at + 1] === LF) return at
      if (!anything) return malformed('v1_bad_terminator', at, 'a CR without an LF after it')
    } else if (byte === LF && !anything) {
      return malformed('v1_bad_terminator', at, 'an LF without a CR before it')
    }
  }
  return seen < limit - 1 ? INCOMPLETE : tooLong(limit)
}

function complete(header: ProxyHeader, end: number): DecodeResult {
  return { status: 'complete', header, byteLength: end + 2 }
}

type Fields = [number, number, number, number, number, number]

/**
 * Where each field of the line begins, `PROXY` the first. Between two spaces in a row, an empty
 * one.
 */
function fieldStarts(bytes: Uint8Array, end: number): number[] {
  const starts = [0]
  for (let at = PREFIX.length; at < end; at++) if (bytes[at] === SP) starts.push(at + 1)
  return starts
}

/** The position of the next space, or `end`. */
function fieldEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== SP) at++
  return at
}

function isUnknown(bytes: Uint8Array): boolean {
  return (
    bytes[6] === 0x55 &&
    bytes[7] === 0x4e &&
    bytes[8] === 0x4b &&
    bytes[9] === 0x4e &&
    bytes[10] === 0x4f &&
    bytes[11] === 0x57 &&
    bytes[12] === 0x4e
  )
}

function isTcp(bytes: Uint8Array): boolean {
  return bytes[6] === 0x54 && bytes[7] === 0x43 && bytes[8] === 0x50
}

function addressField(
  bytes: Uint8Array,
  start: number,
  end: number,
  family: 'INET' | 'INET6',
  side: Side,
): string | undefined {
  if (family === 'INET') {
    return ipv4End(bytes, start) === end ? endText(last.word, side) : undefined
  }
  const address = ipv6Bytes(latin1Text(bytes, start, end))
  return address && addressText(address, 0, 16)
}

/** -1 for what is not a port. */
function portField(bytes: Uint8Array, start: number, end: number): number {
  return portEnd(bytes, start) === end ? last.port : -1
}

/** The CR had to come two bytes before the limit at the latest: that is the first wrong byte. */
function tooLong(limit: number): Malformed {
  return malformed('v1_too_long', Math.max(0, limit - 2), `no CR LF within ${limit} bytes`)
}

function wrongFieldCount(count: number): Malformed {
  const message = `${count} fields, expected ${FIELD_COUNT} with one space between them`
  return malformed('v1_malformed', FAMILY_AT, message)
}

function badAddress(bytes: Uint8Array, start: number, end: number): Malformed {
  const message = `${quoted(bytes, start, end)} is not an address of the family`
  return malformed('v1_bad_address', start, message)
}

function badPort(bytes: Uint8Array, start: number, end: number): Malformed {
  const message = `${quoted(bytes, start, end)} is not a port from 0 to 65535 without leading zeros`
  return malformed('v1_bad_port', start, message)
}
