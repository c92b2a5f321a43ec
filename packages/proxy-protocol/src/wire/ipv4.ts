import { ipv4Text } from '@truehop/ip'
import { u8 } from './bytes.js'

/** An end of a header: 0 the source, 1 the destination, in the order of the wire. */
export type Side = 0 | 1

let lastWord = 0
let lastText = '0.0.0.0'

/**
 * Dotted decimal of one end's address; `word` is unsigned. Most of the time a header takes goes
 * into these texts, so the last destination is remembered: it is the service itself, one address
 * in nearly every header that arrives.
 */
export function endText(word: number, side: Side): string {
  if (side === 0) return ipv4Text(word)
  if (word === lastWord) return lastText
  lastText = ipv4Text(word)
  lastWord = word
  return lastText
}

/**
 * The address in `bytes[start..end)` as an unsigned word, or -1: four numbers of 0 to 255 without
 * leading zeros, which some programs read as octal (section 2.1).
 */
export function parseIpv4(bytes: Uint8Array, start: number, end: number): number {
  let word = 0
  let octet = -1
  let dots = 0
  for (let at = start; at < end; at++) {
    const byte = u8(bytes, at)
    if (byte === 0x2e) {
      if (octet < 0) return -1
      dots++
      word = word * 256 + octet
      octet = -1
    } else if (byte >= 0x30 && byte <= 0x39 && octet !== 0) {
      octet = octet < 0 ? byte - 0x30 : octet * 10 + byte - 0x30
      if (octet > 255) return -1
    } else return -1
  }
  return dots === 3 && octet >= 0 ? word * 256 + octet : -1
}

/** The port in `bytes[start..end)`: 0 to 65535 in decimal, no sign, no leading zero; else -1. */
export function parsePort(bytes: Uint8Array, start: number, end: number): number {
  let port = -1
  for (let at = start; at < end; at++) {
    const digit = u8(bytes, at) - 0x30
    if (digit < 0 || digit > 9 || port === 0) return -1
    port = port < 0 ? digit : port * 10 + digit
    if (port > 65535) return -1
  }
  return port
}
