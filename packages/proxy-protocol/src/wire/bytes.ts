/**
 * Reads at positions the caller has checked. Network byte order, unsigned. The casts are the
 * one place where `noUncheckedIndexedAccess` is answered: a position beyond the end is a bug of the
 * caller, not an input.
 */
export function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] as number
}

export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

/**
 * Signed: V8 keeps larger numbers as objects. Not composed of the two above: nested calls use up
 * the compiler's inlining budget for the decoder.
 */
export function i32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16)
  return high | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
}

export function u32(bytes: Uint8Array, at: number): number {
  return i32(bytes, at) >>> 0
}

export const EMPTY: Uint8Array = new Uint8Array(0)

/**
 * A copy in its own memory. A view would keep the whole receive buffer of a connection alive for as
 * long as one TLV is kept, and would change when that buffer is reused.
 */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (start === end) return EMPTY
  const copy = new Uint8Array(end - start)
  copy.set(bytes.subarray(start, end))
  return copy
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** UTF-8 text; ill-formed sequences become U+FFFD, so this never throws. */
export function utf8Text(bytes: Uint8Array): string {
  return utf8.decode(bytes)
}

/** One character for each byte. Meant for short fields of at most a hundred bytes. */
export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at++) text += String.fromCharCode(u8(bytes, at))
  return text
}

/** Bytes from the peer as a quoted, printable and short piece of a message: it goes into logs. */
export function quoted(bytes: Uint8Array, start: number, end: number): string {
  const shown = Math.min(end, start + 48)
  let text = '"'
  for (let at = start; at < shown; at++) {
    const byte = u8(bytes, at)
    const printable = byte > 0x1f && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
    text += printable ? String.fromCharCode(byte) : `\\x${hexByte(byte)}`
  }
  return shown < end ? `${text}…"` : `${text}"`
}

export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
