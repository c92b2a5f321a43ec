import { type ParseError, type ParseOptions, parse, printParseErrorCode } from 'jsonc-parser'

/** What people write in a file that they keep: comments, and a comma behind the last entry. */
export const POLICY_SYNTAX: ParseOptions = { allowTrailingComma: true, disallowComments: false }

/** Containers within each other; the deepest policy has five. A parser calls itself for each. */
const MAX_DEPTH = 64

/** The value of a policy file's text, or where and why it has none. */
export function readPolicyText(text: string): { readonly value: unknown; readonly fault?: string } {
  const json = withoutMark(text)
  if (isTooDeep(json)) {
    return { value: undefined, fault: `more than ${MAX_DEPTH} brackets are open at once` }
  }
  const errors: ParseError[] = []
  const value: unknown = parse(json, errors, POLICY_SYNTAX)
  const [first] = errors
  return first === undefined ? { value } : { value, fault: faultText(json, first) }
}

/** The mark with which some editors begin a file of UTF-8 is no part of its text. */
const withoutMark = (text: string): string =>
  (text.startsWith('\ufeff') ? text.slice(1) : text).trimEnd()

/** An upper bound: brackets within strings and comments count, and no policy has so many. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (const bracket of text.match(/[[\]{}]/g) ?? []) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    if (depth > MAX_DEPTH) return true
  }
  return false
}

function faultText(text: string, { error, offset }: ParseError): string {
  const before = text.slice(0, offset).split('\n')
  const words = printParseErrorCode(error)
    .replace(/([a-z])(?=[A-Z])/g, '$1 ')
    .toLowerCase()
  return `${words} at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}
