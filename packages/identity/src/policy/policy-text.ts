import { memberOf } from '@truehop/options'
import {
  getNodeValue,
  type Node,
  type ParseError,
  type ParseOptions,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import type { Place, PlaceOf } from './error.js'
import { lineReader, placeReader } from './places.js'

/** What people write in a file that they keep: comments, and a comma behind the last entry. */
const SYNTAX: ParseOptions = { allowTrailingComma: true, disallowComments: false }

/** Containers within each other; the deepest policy has five. A parser calls itself for each. */
const MAX_DEPTH = 64

/** What is written in a policy file, before anything is made of it. */
export interface PolicyText {
  readonly value: unknown
  /** Why there is no value. */
  readonly faults: readonly TextFault[]
  /**
   * Paths of names that an object has more than once. A parser takes the last one and says nothing
   * (RFC 8259 section 4 leaves that open), so that what its author reads first is not in force.
   */
  readonly repeated: readonly string[]
  readonly placeOf: PlaceOf
}

export interface TextFault {
  readonly fault: string
  readonly place?: Place
}

/** The value of a policy file's text, and where it has what; or where and why it has none. */
export function readPolicyText(text: string): PolicyText {
  const json = withoutMark(text)
  if (isTooDeep(json)) {
    return nothing([{ fault: `more than ${MAX_DEPTH} brackets are open at once` }])
  }
  const errors: ParseError[] = []
  const tree = parseTree(json, errors, SYNTAX)
  const placeAt = lineReader(json)
  if (tree === undefined || errors.length > 0) {
    return nothing(
      errors.filter(isFirstThere).map((error) => {
        return { fault: faultOf(error), place: placeAt(error.offset) }
      }),
    )
  }
  const offsets = new Map<string, number>()
  const repeated: string[] = []
  lookThrough(tree, '', offsets, repeated)
  const placeOf = placeReader(offsets, placeAt)
  return { value: getNodeValue(tree), faults: [], repeated, placeOf }
}

function nothing(faults: readonly TextFault[]): PolicyText {
  return { value: undefined, faults, repeated: [], placeOf: () => undefined }
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

/** What is missed at the same place after it mostly follows from it. */
function isFirstThere({ offset }: ParseError, index: number, all: readonly ParseError[]): boolean {
  return all[index - 1]?.offset !== offset
}

/** `close brace expected`. */
function faultOf({ error }: ParseError): string {
  return printParseErrorCode(error)
    .replace(/([a-z])(?=[A-Z])/g, '$1 ')
    .toLowerCase()
}

/** Notes where each member and element begins; of a name that is there twice, the last one. */
function lookThrough(
  { type, children = [] }: Node,
  path: string,
  offsets: Map<string, number>,
  repeated: string[],
): void {
  const names = new Set<string>()
  for (const [index, child] of children.entries()) {
    const [key, value] = type === 'object' ? (child.children ?? []) : [undefined, child]
    const name = String(key?.value)
    const at = type === 'object' ? memberOf(path, name) : `${path}[${index}]`
    if (type === 'object' && names.has(name)) repeated.push(at)
    names.add(name)
    offsets.set(at, child.offset)
    if (value !== undefined) lookThrough(value, at, offsets, repeated)
  }
}
