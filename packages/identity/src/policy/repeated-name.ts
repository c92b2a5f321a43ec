import { type Node, parseTree } from 'jsonc-parser'
import { POLICY_SYNTAX } from './policy-text.js'

/**
 * The path of the first name that an object in a policy text has twice, such as `hops[1].from`;
 * undefined where there is none. A parser takes the last one and says nothing (RFC 8259 section 4
 * leaves that open), so that what its author reads first is not what is in force.
 *
 * The text must have been read already.
 */
export function repeatedName(text: string): string | undefined {
  const tree = parseTree(text.trimEnd(), [], POLICY_SYNTAX)
  return tree === undefined ? undefined : repeatedIn(tree, '')
}

function repeatedIn({ type, children = [] }: Node, path: string): string | undefined {
  const names = new Set<string>()
  for (const [index, child] of children.entries()) {
    const at = type === 'object' ? memberPath(path, nameOf(child)) : `${path}[${index}]`
    if (type === 'object' && names.has(nameOf(child))) return at
    names.add(nameOf(child))
    const value = type === 'object' ? child.children?.[1] : child
    const found = value && repeatedIn(value, at)
    if (found !== undefined) return found
  }
  return undefined
}

const nameOf = ({ children }: Node): string => String(children?.[0]?.value ?? '')

const memberPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)
