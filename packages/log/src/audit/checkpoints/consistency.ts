import { nodeOf } from './merkle-tree.js'

/** The size of a tree and its root. */
export interface TreeHead {
  /** Leaves. */
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

/**
 * Reads the root of the complete subtree over the `2 ** height` leaves from
 * `index * 2 ** height` on: 32 bytes.
 */
export type ReadSubtree = (height: number, index: number) => Buffer

/**
 * The hashes that lead from the first `from` leaves of a tree to all `size` of them: PROOF(m, D[n]) of
 * RFC 6962 section 2.1.2, whose words this follows. Empty if either side says nothing: for no leaves,
 * and for all of them. `from` must not be larger than `size`.
 */
export function consistencyProof(from: number, size: number, read: ReadSubtree): Buffer[] {
  if (from === 0) return []
  const proof: Buffer[] = []
  let [begin, end, isOldRoot] = [0, size, true]
  while (from < end) {
    const middle = begin + halfOf(end - begin)
    if (from <= middle) {
      proof.push(rootOf(middle, end, read))
      end = middle
    } else {
      proof.push(rootOf(begin, middle, read))
      begin = middle
      isOldRoot = false
    }
  }
  // Whoever checks the proof has the old root already.
  return (isOldRoot ? proof : [...proof, rootOf(begin, end, read)]).reverse()
}

/**
 * Whether a proof shows that the tree of `after` begins with all the leaves of `before`: RFC 9162
 * section 2.1.4.2. A proof of any length is read at most to the height of the tree.
 */
export function isConsistent(
  before: TreeHead,
  after: TreeHead,
  proof: readonly Uint8Array[],
): boolean {
  if (before.size > after.size) return false
  if (before.size === after.size) return proof.length === 0 && same(before.root, after.root)
  if (before.size === 0) return proof.length === 0
  const rest = isPowerOfTwo(before.size) ? [before.root, ...proof] : [...proof]
  const [first, ...steps] = rest
  if (first === undefined) return false
  let [node, last] = [before.size - 1, after.size - 1]
  while (node % 2 === 1) [node, last] = up(node, last)
  let [old, all] = [first, first]
  for (const step of steps) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      old = nodeOf(step, old)
      all = nodeOf(step, all)
      while (node % 2 === 0 && node !== 0) [node, last] = up(node, last)
    } else {
      all = nodeOf(all, step)
    }
    ;[node, last] = up(node, last)
  }
  return last === 0 && same(old, before.root) && same(all, after.root)
}

/** MTH(D[begin:end]) of RFC 6962 section 2.1; `begin` is where a subtree of that size may begin. */
function rootOf(begin: number, end: number, read: ReadSubtree): Buffer {
  const size = end - begin
  if (isPowerOfTwo(size)) return read(Math.log2(size), begin / size)
  const middle = begin + halfOf(size)
  return nodeOf(rootOf(begin, middle, read), rootOf(middle, end, read))
}

/** The largest power of two below a size of two or more. */
function halfOf(size: number): number {
  let half = 1
  while (half * 2 < size) half *= 2
  return half
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size)) && 2 ** Math.log2(size) === size
}

/** The parents, without the bit operators that end at 32 bits. */
function up(node: number, last: number): [number, number] {
  return [Math.floor(node / 2), Math.floor(last / 2)]
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}
