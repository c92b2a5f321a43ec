import type { Place } from './error.js'
import type { WrittenPlaces } from './written-places.js'

/** Nested containers; the deepest policy has five. The parser recurses into each. */
export const MAX_DEPTH = 64

/** A name that an object has already. */
export interface RepeatedName {
  readonly path: string
  /** Where it stands before, and where again. */
  readonly first: Place
  readonly again: Place
}

/** What is written in a policy file, before it is interpreted. */
export interface PolicyText {
  readonly format: 'JSON' | 'YAML'
  readonly value: unknown
  /** Why there is no value; undefined if there is one. */
  readonly fault?: string | undefined
  /** Where the fault is. */
  readonly faultPlace?: Place | undefined
  /**
   * Names that an object has more than once. A parser takes the last one silently (RFC
   * 8259 section 4 leaves that open), so that what its author reads first is not in force.
   */
  readonly repeated: readonly RepeatedName[]
  readonly places: WrittenPlaces
}

/** Reads a policy file's text; `name` is the file's, whose ending may tell the format. */
export type ReadPolicyText = (text: string, name: string) => PolicyText

/** A text that holds no policy. */
export function withoutPolicy(
  format: PolicyText['format'],
  fault: string,
  faultPlace?: Place,
): PolicyText {
  const nothing = { format, value: undefined, fault, repeated: [], places: new Map() }
  return faultPlace === undefined ? nothing : { ...nothing, faultPlace }
}

/** The byte order mark with which some editors begin a file is not part of its text. */
export const withoutMark = (text: string): string =>
  text.startsWith('\ufeff') ? text.slice(1) : text

/** An upper bound: brackets in strings and comments count too, and no policy has that many. */
export function isTooDeep(text: string): boolean {
  let depth = 0
  for (const bracket of text.match(/[[\]{}]/g) ?? []) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    if (depth > MAX_DEPTH) return true
  }
  return false
}

export const TOO_DEEP = `more than ${MAX_DEPTH} objects and arrays are nested in each other`
