import { randomUUID } from 'node:crypto'

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Characters of a number that may not survive as a double: a trace id, a time in nanoseconds. */
const LONG = 16

/** Stands before such a number while it is a string; nobody who writes a log can know it. */
const MARK = `number:${randomUUID()}:`
const MARKED = new RegExp(`"${MARK}([^"]*)"`, 'g')

/** The value that a text represents, for `writeExactly`; undefined for a text that is not JSON. */
export function parseExactly(text: string): unknown {
  try {
    return JSON.parse(
      text.replace(STRING_OR_NUMBER, (token) =>
        token.startsWith('"') || token.length < LONG ? token : `"${MARK}${token}"`,
      ),
    )
  } catch {
    return undefined
  }
}

/** The text of a value of `parseExactly`, with every number as it was written. */
export function writeExactly(value: unknown): string {
  return JSON.stringify(value).replace(MARKED, '$1')
}
