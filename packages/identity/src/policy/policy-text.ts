import { type DocumentNode, evaluate, parse } from '@humanwhocodes/momoa'

/** Containers within each other; the deepest policy has five. A parser calls itself for each. */
const MAX_DEPTH = 64

export interface PolicyText {
  readonly value: unknown
  /** What stands where in the text. */
  readonly tree: DocumentNode
}

/**
 * What a policy file's text says; where and why it has nothing to say, as a string. Comments are
 * allowed, and a comma behind the last entry: it is a file that people keep.
 */
export function readPolicyText(text: string): PolicyText | string {
  const json = withoutMark(text)
  if (isTooDeep(json)) return `more than ${MAX_DEPTH} brackets are open at once`
  try {
    const tree = parse(json, { mode: 'jsonc', allowTrailingCommas: true })
    return { value: evaluate(tree), tree }
  } catch (error) {
    return faultText(error)
  }
}

/** The mark with which some editors begin a file of UTF-8 is no part of its text. */
const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text)

/** An upper bound: brackets within strings and comments count, and no policy has so many. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (const bracket of text.match(/[[\]{}]/g) ?? []) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** The parser ends its messages with `(line:column)`. */
function faultText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/\.? \((\d+):(\d+)\)$/, ' at line $1, column $2')
}
