import { randomUUID } from 'node:crypto'

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Stands before such a number while it is a string; nobody who writes a log can know it. */
const MARK = `number:${randomUUID()}:`
const MARKED = new RegExp(`"${MARK}([^"]*)"`, 'g')

/** The value that a text represents, for `writeExactly`; undefined for a text that is not JSON. */
export function parseExactly(text: string): unknown {
  try {
    // First of all: in a text that is not JSON, each quote may be searched for up to the end.
    JSON.parse(text)
    return JSON.parse(text.replace(STRING_OR_NUMBER, marked))
  } catch {
    return undefined
  }
}

/** A trace id, a time in nanoseconds, `1.00`: what does not survive as a double. */
function marked(token: string): string {
  return token.startsWith('"') || String(Number(token)) === token ? token : `"${MARK}${token}"`
}

/** The number that a value of `parseExactly` is, as far as a double can be; undefined for none. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.startsWith(MARK)
    ? Number(value.slice(MARK.length))
    : undefined
}

/** The text of a value of `parseExactly`, with every number as it was written. */
export function writeExactly(value: unknown): string {
  return JSON.stringify(value).replace(MARKED, '$1')
}
