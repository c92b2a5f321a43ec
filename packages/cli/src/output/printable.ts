import { UNPRINTABLE } from '@truehop/ip/internal'

/**
 * Text from outside for a terminal: unprintable characters as `\x1b` or `\u2028`, cut to `limit`.
 */
export function printable(text: string, limit = 256): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text
  return cut.replace(UNPRINTABLE, escaped)
}

/**
 * JSON that a terminal can show: unprintable characters that JSON allows are escaped the JSON way,
 * so that the values stay the same. Its lines stay lines.
 */
export function printableJson(text: string): string {
  return text.replace(UNPRINTABLE, (c) => (c === '\n' ? c : unicodeEscape(c)))
}

/** Bytes from outside, read as one character each, the same way. */
export function printableBytes(bytes: Uint8Array, limit = 256): string {
  const shown = Buffer.from(bytes.subarray(0, limit)).toString('latin1')
  const text = shown.replace(/[^\u0020-\u007e]/g, escaped)
  return bytes.length > limit ? `${text}…` : text
}

export function hexText(bytes: Uint8Array, limit = 64): string {
  const text = Buffer.from(bytes.subarray(0, limit)).toString('hex')
  return bytes.length > limit ? `${text}…` : text
}

function escaped(c: string): string {
  const code = c.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(c)
}

function unicodeEscape(c: string): string {
  return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`
}
