import { type Node, parseTree } from 'jsonc-parser'

/**
 * The line, from 1, on which a policy's text has what a path such as `hops[1].from[0]` names; of a
 * path that leads further than the text, where its longest known part is. The short form of a
 * policy has its one rule at the top: `hops[0].from` finds `trust` there.
 */
export function lineOfPath(text: string, path: string): number {
  if (path === '') return 1
  const offsets = offsetsOf(text)
  for (let known = shortForm(offsets, path); known !== ''; known = parent(known)) {
    const offset = offsets.get(known)
    if (offset !== undefined) return text.slice(0, offset).split('\n').length
  }
  return 1
}

function shortForm(offsets: ReadonlyMap<string, number>, path: string): string {
  if (offsets.has('hops')) return path
  return path
    .replace(/^hops\[0\]\.?/, '')
    .replace(/^from\b/, 'trust')
    .replace(/^asserts\b/, 'header')
}

/** Always shorter, whatever characters a name is made of. */
const parent = (path: string): string =>
  path.slice(0, Math.max(0, path.lastIndexOf('.'), path.lastIndexOf('[')))

/** Where each member and element begins; of a name that is there twice, the last one. */
function offsetsOf(text: string): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>()
  const tree = parseTree(text, [], { allowTrailingComma: true })
  if (tree !== undefined) addOffsets(tree, '', offsets)
  return offsets
}

function addOffsets({ type, children = [] }: Node, path: string, to: Map<string, number>): void {
  for (const [index, child] of children.entries()) {
    const [name, value] = type === 'object' ? (child.children ?? []) : [undefined, child]
    const at = type === 'object' ? memberPath(path, String(name?.value)) : `${path}[${index}]`
    to.set(at, child.offset)
    if (value !== undefined) addOffsets(value, at, to)
  }
}

const memberPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)
