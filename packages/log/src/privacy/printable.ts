import { UNPRINTABLE } from '@truehop/ip/internal'

/**
 * How much a record keeps of a string from outside, in UTF-16 units; the rest is cut and marked by
 * `…`.
 */
const MAX_TEXT = 1024

const BEYOND_ASCII = /["\\]|[^\u0020-\u007e]/g

/**
 * A string from outside for a JSON value: unprintable characters as `\x1b` or `\u2028`, cut to
 * length.
 */
export function printable(text: string): string {
  return isOrdinary(text) ? text : cut(text).replace(UNPRINTABLE, escaped)
}

/**
 * Short, and printable ASCII throughout: true of almost every string, and faster to test than to
 * replace.
 */
function isOrdinary(text: string): boolean {
  if (text.length > MAX_TEXT) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code > 0x7e) return false
  }
  return true
}

/**
 * A string from outside for a quoted field of a text line: in addition, the quote, the backslash
 * and everything beyond ASCII are escaped, so that no reader's encoding changes where the field
 * ends.
 */
export function quotable(text: string): string {
  return cut(text).replace(BEYOND_ASCII, (c) => (c === '"' || c === '\\' ? `\\${c}` : escaped(c)))
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}

function escaped(c: string): string {
  const code = c.charCodeAt(0)
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}
