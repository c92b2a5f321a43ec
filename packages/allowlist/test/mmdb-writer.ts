import { type Prefix, parsePrefix } from '@truehop/ip'

/**
 * Writes small MaxMind DB files, from the description of the format (version 2.0): a binary tree of
 * 24-bit records over all bits of an IPv6 address, IPv4 below ::/96, and a section of data.
 */

type Value = string | number | bigint | readonly Value[] | { readonly [name: string]: Value }

type Tree = [Tree | number | undefined, Tree | number | undefined]

/** The bytes of a database that says of each prefix what stands beside it. */
export function mmdb(records: Readonly<Record<string, Value>>): Buffer {
  const tree: Tree = [undefined, undefined]
  const data: Buffer[] = []
  let offset = 0
  for (const [entry, value] of Object.entries(records)) {
    const encoded = encode(value)
    put(tree, bitsOf(parsePrefix(entry)), offset)
    data.push(encoded)
    offset += encoded.length
  }
  const nodes = flatten(tree)
  const metadata = {
    node_count: nodes.length,
    record_size: 24,
    ip_version: 6,
    database_type: 'Test',
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_764_500_000n,
    description: { en: 'test' },
  }
  const written = nodes.map((sides) => node(sides, nodes.length))
  const marker = Buffer.from('abcdef4d61784d696e642e636f6d', 'hex')
  return Buffer.concat([...written, Buffer.alloc(16), ...data, marker, encode(metadata)])
}

function bitsOf({ address, length, family }: Prefix): number[] {
  const words = [address.w0, address.w1, address.w2, address.w3]
  const all = words.flatMap((word) => Array.from({ length: 32 }, (_, i) => (word >>> (31 - i)) & 1))
  return all.slice(0, family === 4 ? 96 + length : length)
}

function put(tree: Tree, bits: readonly number[], offset: number): void {
  let at = tree
  for (const [i, bit] of bits.entries()) {
    const side = bit === 0 ? 0 : 1
    if (i === bits.length - 1) at[side] = offset
    else {
      const next = at[side]
      const below: Tree = typeof next === 'object' ? next : [next, next]
      at[side] = below
      at = below
    }
  }
}

/** Each side is the number of a node, of data (as a negative number, less one), or nothing. */
type Sides = readonly (number | undefined)[]

function flatten(tree: Tree): Sides[] {
  const nodes: Sides[] = []
  const visit = (node: Tree): number => {
    const number = nodes.push([]) - 1
    nodes[number] = node.map((side) =>
      typeof side === 'object' ? visit(side) : side === undefined ? undefined : -1 - side,
    )
    return number
  }
  visit(tree)
  return nodes
}

function node(sides: Sides, count: number): Buffer {
  const bytes = Buffer.alloc(6)
  for (const [i, side] of sides.entries()) {
    const value = side === undefined ? count : side < 0 ? count + 16 + (-1 - side) : side
    bytes.writeUIntBE(value, i * 3, 3)
  }
  return bytes
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value)
    return Buffer.concat([control(2, text.length), text])
  }
  if (typeof value === 'number') return unsigned(6, BigInt(value), 4)
  if (typeof value === 'bigint') return unsigned(9, value, 8)
  if (Array.isArray(value)) {
    return Buffer.concat([control(11, value.length), ...value.map((each) => encode(each))])
  }
  const entries = Object.entries(value)
  const parts = entries.flatMap(([name, each]) => [encode(name), encode(each)])
  return Buffer.concat([control(7, entries.length), ...parts])
}

function unsigned(type: number, value: bigint, length: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return Buffer.concat([control(type, length), bytes.subarray(8 - length)])
}

/** Types above 7 have a byte of their own; no size here is 29 or more but that of a text. */
function control(type: number, size: number): Buffer {
  const [low, more] = size < 29 ? [size, []] : [29, [size - 29]]
  return Buffer.from(type > 7 ? [low, type - 7, ...more] : [(type << 5) | low, ...more])
}
