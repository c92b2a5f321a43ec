import type { HeaderFields } from '@truehop/identity'

/**
 * Header lines as Node's server would give them: names in lower case, the values of repeated lines
 * joined with a comma.
 */
export function headerFields(lines: Iterable<readonly [string, string]>): HeaderFields {
  const fields = new Map<string, string>()
  for (const [name, value] of lines) {
    const key = name.toLowerCase()
    const before = fields.get(key)
    if (before === undefined) fields.set(key, value)
    else if (key !== 'host') fields.set(key, `${before}, ${value}`)
  }
  return Object.fromEntries(fields)
}

/** A field name is a token, RFC 9110 section 5.1. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** `Name: value`, or undefined for what is not a header line. */
export function headerLine(text: string): [string, string] | undefined {
  const colon = text.indexOf(':')
  const name = text.slice(0, Math.max(0, colon))
  return NAME.test(name) ? [name, withoutBlanks(text, colon + 1)] : undefined
}

/**
 * The text from `start` on without blanks around it. One look at each character: a regular
 * expression for trailing blanks starts again at every blank inside.
 */
function withoutBlanks(text: string, start: number): string {
  let first = start
  let end = text.length
  while (first < end && isBlank(text.charCodeAt(first))) first++
  while (end > first && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(first, end)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
