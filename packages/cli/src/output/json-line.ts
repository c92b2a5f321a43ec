import { parse, type ValueNode } from '@humanwhocodes/momoa'

/**
 * The line, from 1, on which a policy's text has what a path such as `hops[1].from[0]` names; of a
 * path that leads further than the text, where its longest known part is. The short form of a
 * policy has its one rule at the top: `hops[0].from` finds `trust` there.
 */
export function lineOfPath(text: string, path: string): number {
  if (path === '') return 1
  const lines = linesOf(text)
  for (let known = shortForm(lines, path); known !== ''; known = parent(known)) {
    const line = lines.get(known)
    if (line !== undefined) return line
  }
  return 1
}

function shortForm(lines: ReadonlyMap<string, number>, path: string): string {
  if (lines.has('hops')) return path
  return path
    .replace(/^hops\[0\]\.?/, '')
    .replace(/^from\b/, 'trust')
    .replace(/^asserts\b/, 'header')
}

/** Always shorter, whatever characters a name is made of. */
const parent = (path: string): string =>
  path.slice(0, Math.max(0, path.lastIndexOf('.'), path.lastIndexOf('[')))

/**
 * The line of each member and element; of a name that is there twice, the last one. None of a text
 * that cannot be read.
 */
function linesOf(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  try {
    addLines(
      parse(text.replace(/^\ufeff/, ''), { mode: 'jsonc', allowTrailingCommas: true }).body,
      '',
      lines,
    )
  } catch {
    lines.clear()
  }
  return lines
}

function addLines(node: ValueNode, path: string, lines: Map<string, number>): void {
  if (node.type === 'Object') {
    for (const { name, value, loc } of node.members) {
      const key = name.type === 'String' ? name.value : name.name
      const at = path === '' ? key : `${path}.${key}`
      lines.set(at, loc.start.line)
      addLines(value, at, lines)
    }
  } else if (node.type === 'Array') {
    for (const [index, { value, loc }] of node.elements.entries()) {
      const at = `${path}[${index}]`
      lines.set(at, loc.start.line)
      addLines(value, at, lines)
    }
  }
}
