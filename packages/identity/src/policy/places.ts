import type { Place, PlaceOf } from './error.js'

/** Tells line and column, both from 1, of offsets in a text. */
export function lineReader(text: string): (offset: number) => Place {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}

/**
 * Tells where a policy's text has what a path such as `hops[1].from[0]` names; of a path that leads
 * further than the text, where its longest known part is. The short form of a policy has its one
 * rule at the top: `hops[0].from` finds `trust` there.
 */
export function placeReader(
  offsets: ReadonlyMap<string, number>,
  placeAt: (offset: number) => Place,
): PlaceOf {
  return (path) => {
    const written = offsets.has('hops') ? path : shortForm(path)
    for (let known = written; known !== ''; known = parent(known)) {
      const offset = offsets.get(known)
      if (offset !== undefined) return placeAt(offset)
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

/** Always shorter, whatever characters a name is made of. */
const parent = (path: string): string =>
  path.slice(0, Math.max(0, path.lastIndexOf('.'), path.lastIndexOf('[')))
