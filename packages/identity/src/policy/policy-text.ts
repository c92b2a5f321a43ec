import { evaluate, parse, type ValueNode } from '@humanwhocodes/momoa'
import { memberOf } from '@truehop/options'
import type { Place, PlaceOf } from './error.js'
import { placeReader } from './places.js'

/** Nested containers; the deepest policy has five. The parser recurses into each. */
const MAX_DEPTH = 64

/** What is written in a policy file, before it is interpreted. */
export interface PolicyText {
  readonly value: unknown
  /** Why there is no value; undefined if there is one. */
  readonly fault?: string
  /** Where the fault is. */
  readonly faultPlace?: Place
  /**
   * Paths of names that an object has more than once. A parser takes the last one silently (RFC
   * 8259 section 4 leaves that open), so that what its author reads first is not in force.
   */
  readonly repeated: readonly string[]
  readonly placeOf: PlaceOf
}

/**
 * What a policy file's text says, and where; or where and why it is not valid. Comments and a
 * trailing comma are allowed, as it is a file that people maintain.
 */
export function readPolicyText(text: string): PolicyText {
  const json = withoutMark(text)
  if (isTooDeep(json))
    return { ...NOTHING, fault: `more than ${MAX_DEPTH} brackets are open at once` }
  try {
    const tree = parse(json, { mode: 'jsonc', allowTrailingCommas: true })
    const places = new Map<string, Place>()
    const repeated: string[] = []
    lookThrough(tree.body, '', places, repeated)
    return { value: evaluate(tree), repeated, placeOf: placeReader(places) }
  } catch (error) {
    return { ...NOTHING, ...faultOf(error, json) }
  }
}

const NOTHING = { value: undefined, repeated: [], placeOf: () => undefined } as const

/** The mark with which some editors begin a UTF-8 file is not part of its text. */
const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text)

/** An upper bound: brackets in strings and comments count too, and no policy has that many. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (const bracket of text.match(/[[\]{}]/g) ?? []) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** The parser ends its messages with `(line:column)`. */
function faultOf(error: unknown, text: string): Pick<PolicyText, 'fault' | 'faultPlace'> {
  const message = error instanceof Error ? error.message : String(error)
  const [, fault, line, column] = /^(.*?)\.? \((\d+):(\d+)\)$/s.exec(message) ?? []
  if (fault === undefined) return { fault: message }
  // For a text that ends too soon, the parser reports its beginning.
  if (fault.includes('end of input')) return { fault, faultPlace: endOf(text) }
  return { fault, faultPlace: { line: Number(line), column: Number(column) } }
}

function endOf(text: string): Place {
  const lines = text.trimEnd().split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

/** Notes where each member and element begins; for a name that occurs twice, the last one. */
function lookThrough(
  node: ValueNode,
  path: string,
  places: Map<string, Place>,
  repeated: string[],
): void {
  const names = new Set<string>()
  for (const { name, at, value, place } of entriesOf(node, path)) {
    if (name !== undefined && names.has(name)) repeated.push(at)
    if (name !== undefined) names.add(name)
    places.set(at, place)
    lookThrough(value, at, places, repeated)
  }
}

interface Entry {
  /** Of a member of an object. */
  readonly name?: string
  readonly at: string
  readonly value: ValueNode
  readonly place: Place
}

function entriesOf(node: ValueNode, path: string): readonly Entry[] {
  if (node.type === 'Array') {
    return node.elements.map(({ value, loc }, index) => {
      return { at: `${path}[${index}]`, value, place: placeOf(loc.start) }
    })
  }
  if (node.type !== 'Object') return []
  return node.members.map(({ name: key, value, loc }) => {
    const name = key.type === 'String' ? key.value : key.name
    return { name, at: memberOf(path, name), value, place: placeOf(loc.start) }
  })
}

const placeOf = ({ line, column }: Place): Place => ({ line, column })
