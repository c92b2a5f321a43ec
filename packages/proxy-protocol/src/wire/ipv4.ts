import { ipv4Text } from '@truehop/ip/internal'

/** An end of a header: 0 the source, 1 the destination, in the order of the wire. */
export type Side = 0 | 1

/** Last destinations, each at the place that `placeOf` gives it. */
const PLACES = 256
const words = new Int32Array(PLACES)
const texts: string[] = Array.from({ length: PLACES }, () => '0.0.0.0')

/**
 * Dotted decimal of one end's address; `word` is signed, which V8 keeps without allocating an
 * object. Most of the time a header takes goes into these strings, so the last destinations are
 * remembered: they are the service itself, a few addresses in nearly every header that arrives.
 */
export function endText(word: number, side: Side): string {
  if (side === 0) return ipv4Text(word)
  const place = placeOf(word)
  if (word === words[place]) return texts[place] ?? ''
  const text = ipv4Text(word)
  words[place] = word
  texts[place] = text
  return text
}

/** The high bits of a multiplicative hash: neighbouring addresses get different places. */
function placeOf(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> 24
}

/** What `ipv4End` and `portEnd` read last: they never yield, so one place for each is enough. */
export const last = { word: 0, port: 0 }

const DOT = 0x2e - 0x30

/**
 * Reads the address that begins at `start` into `last.word` (signed): four numbers of 0 to 255
 * without leading zeros, which some programs read as octal (section 2.1). Returns where it ends, or
 * -1 if there is none. Looks at no more than 16 bytes; the caller judges what follows the address.
 *
 * The one to three digits of a number are unrolled: a loop would cost a third more.
 */
export function ipv4End(bytes: Uint8Array, start: number): number {
  let word = 0
  let at = start
  for (let dots = 0; ; dots++) {
    let octet = digitAt(bytes, at++)
    if (octet < 0 || octet > 9) return -1
    let digit = digitAt(bytes, at)
    if (octet > 0 && digit >= 0 && digit <= 9) {
      octet = octet * 10 + digit
      digit = digitAt(bytes, ++at)
      if (digit >= 0 && digit <= 9) {
        octet = octet * 10 + digit
        if (octet > 255) return -1
        digit = digitAt(bytes, ++at)
      }
    }
    word = (word << 8) | octet
    if (dots === 3) break
    if (digit !== DOT) return -1
    at++
  }
  last.word = word
  return at
}

/** The same of a port, into `last.port`: 0 to 65535 in decimal, no sign, no leading zero. */
export function portEnd(bytes: Uint8Array, start: number): number {
  let port = digitAt(bytes, start)
  if (port < 0 || port > 9) return -1
  let at = start + 1
  let digit = digitAt(bytes, at)
  while (port > 0 && digit >= 0 && digit <= 9) {
    port = port * 10 + digit
    if (port > 65535) return -1
    digit = digitAt(bytes, ++at)
  }
  last.port = port
  return at
}

/** A digit's value; below 0 or above 9 for any other byte, and after the last one. */
function digitAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  return byte === undefined ? -1 : byte - 0x30
}
