/** What a record holds of a text from outside, in UTF-16 units; the rest is cut and marked by `…`. */
const MAX_TEXT = 1024

/**
 * Everything a terminal, a line reader or a log viewer could take for an instruction: C0 and C1
 * controls and DEL, the line and paragraph separators, bidirectional overrides (which make a log
 * line read as something else), lone surrogates, and the byte order mark.
 */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const BEYOND_ASCII = /["\\]|[^\u0020-\u007e]/g

/** A text from outside for a JSON value: unprintable characters as `\x1b` or `\u2028`, cut to length. */
export function printable(text: string): string {
  return isOrdinary(text) ? text : cut(text).replace(UNPRINTABLE, escaped)
}

/** Short, and printable ASCII throughout: true of almost every text, and quicker to see than replaced. */
function isOrdinary(text: string): boolean {
  if (text.length > MAX_TEXT) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code > 0x7e) return false
  }
  return true
}

/**
 * A text from outside for a quoted field of a text line: besides, the quote and the backslash are
 * escaped and everything beyond ASCII, so that no reader's encoding changes where the field ends.
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
