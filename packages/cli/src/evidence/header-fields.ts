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
const LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/s

/** `Name: value`, or undefined for what is no header line. */
export function headerLine(text: string): [string, string] | undefined {
  const match = LINE.exec(text)
  return match === null ? undefined : [match[1] ?? '', match[2] ?? '']
}
