import type { DocumentNode, ValueNode } from '@humanwhocodes/momoa'

/**
 * The path of the first name that an object of a policy text has twice, such as `hops[1].from`;
 * undefined where there is none. A parser takes the last one and says nothing (RFC 8259 section 4
 * leaves that open), so that what its author reads first is not what is in force.
 */
export function repeatedName({ body }: DocumentNode): string | undefined {
  return repeatedIn(body, '')
}

function repeatedIn(node: ValueNode, path: string): string | undefined {
  const names = new Set<string>()
  for (const { name, at, value } of entriesOf(node, path)) {
    if (name !== undefined && names.has(name)) return at
    if (name !== undefined) names.add(name)
    const found = repeatedIn(value, at)
    if (found !== undefined) return found
  }
  return undefined
}

interface Entry {
  /** Of a member of an object. */
  readonly name?: string
  readonly at: string
  readonly value: ValueNode
}

function entriesOf(node: ValueNode, path: string): readonly Entry[] {
  if (node.type === 'Array') {
    return node.elements.map(({ value }, index) => ({ at: `${path}[${index}]`, value }))
  }
  if (node.type !== 'Object') return []
  return node.members.map(({ name: key, value }) => {
    const name = key.type === 'String' ? key.value : key.name
    return { name, at: path === '' ? name : `${path}.${name}`, value }
  })
}
