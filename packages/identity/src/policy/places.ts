import type { Place, PlaceOf } from './error.js'

/**
 * Finds where a policy's text has what a path such as `hops[1].from[0]` names; for a path that
 * leads further than the text, where its longest known part is. The short form of a policy has its
 * one rule at the top: `hops[0].from` finds `trust` there.
 */
export function placeReader(places: ReadonlyMap<string, Place>): PlaceOf {
  return (path) => {
    const written = places.has('hops') ? path : shortForm(path)
    for (let known = written; known !== ''; known = parent(known)) {
      const place = places.get(known)
      if (place !== undefined) return place
    }
    return { line: 1, column: 1 }
  }
}

function shortForm(path: string): string {
  if (!path.startsWith('hops[0]')) return path
  return path
    .replace(/^hops\[0\]\.?/, '')
    .replace(/^from\b/, 'trust')
    .replace(/^asserts\b/, 'header')
}

/** Always shorter, whatever characters a name contains. */
const parent = (path: string): string =>
  path.slice(0, Math.max(0, path.lastIndexOf('.'), path.lastIndexOf('[')))
