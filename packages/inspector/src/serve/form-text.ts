/**
 * The lines of the inspector's form. Read by hand: a regular expression that looks for blanks at
 * the end of a line starts again at every blank inside it, so a field of blanks takes quadratic
 * time.
 */

/** A header as it was typed. */
export interface TypedHeader {
  readonly name: string
  readonly value: string
}

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** What ends a line in a regular expression, and has no place in a value. */
const LINE_END = /[\r\n\u2028\u2029]/

/** `Name: value`; undefined for any other line. */
export function typedHeader(line: string): TypedHeader | undefined {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(0, colon))
  if (!TOKEN.test(name)) return undefined
  const value = withoutBlanks(line, colon + 1)
  return LINE_END.test(value) ? undefined : { name, value }
}

/** A PROXY line without its line end, which may be written out as `\r\n`. */
export function typedProxyLine(line: string): string {
  const text = line.trim()
  const fed = text.endsWith('\\n') ? text.slice(0, -2) : text
  return fed.endsWith('\\r') ? fed.slice(0, -2) : fed
}

/** The text from `start` on, without SP and HTAB around it and the CR of a typed line end. */
function withoutBlanks(text: string, start: number): string {
  let first = start
  let end = text.length
  while (first < end && isBlank(text.charCodeAt(first))) first++
  while (end > first && (isBlank(text.charCodeAt(end - 1)) || text.charCodeAt(end - 1) === 0x0d))
    end--
  return text.slice(first, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
