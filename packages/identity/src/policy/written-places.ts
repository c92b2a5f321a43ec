import type { Place, PlaceOf } from './error.js'

/** Offsets in a text: of its first character, and behind its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Where a policy's text has a member of an object, or an element of an array. */
export interface Written {
  readonly place: Place
  /** Of a member: its name, and where that is written; undefined for one that is a block of lines. */
  readonly name?: (Span & { readonly text: string }) | undefined
  readonly value: Span
  /** The value, where it is neither an object nor an array, nor a block of lines. */
  readonly plain?: unknown
}

/** By path, such as `hops[1].from[0]`. */
export type WrittenPlaces = ReadonlyMap<string, Written>

/**
 * What is written at exactly this path. The short form of a policy has its one rule at the top:
 * `hops[0].from` finds `trust` there.
 */
export function writtenAt(places: WrittenPlaces, path: string): Written | undefined {
  return places.get(inForm(places, path))
}

/** Tells line and column of a path; of one that leads further than the text, where its longest known part is. */
export function placeReader(places: WrittenPlaces): PlaceOf {
  return (path) => {
    for (let known = inForm(places, path); known !== ''; known = parent(known)) {
      const written = places.get(known)
      if (written !== undefined) return written.place
    }
    return { line: 1, column: 1 }
  }
}

function inForm(places: WrittenPlaces, path: string): string {
  if (places.has('hops') || !path.startsWith('hops[0]')) return path
  return path
    .replace(/^hops\[0\]\.?/, '')
    .replace(/^from\b/, 'trust')
    .replace(/^asserts\b/, 'header')
}

/** Always shorter, whatever characters a name contains. */
const parent = (path: string): string =>
  path.slice(0, Math.max(0, path.lastIndexOf('.'), path.lastIndexOf('[')))
