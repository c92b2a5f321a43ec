import { createHash } from 'node:crypto'

export const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest()

const nodeOf = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right)

/** RFC 6962 section 2.1, as it defines the tree: over both halves, split at a power of two. */
export function rootOf(leaves: readonly Uint8Array[]): Buffer {
  const [only] = leaves
  if (only === undefined) return sha256()
  if (leaves.length === 1) return sha256(Uint8Array.of(0), only)
  const half = halfOf(leaves.length)
  return nodeOf(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)))
}

/** RFC 6962 section 2.1.2, as it defines the proof, from the leaves themselves. */
export function proofOf(from: number, leaves: readonly Uint8Array[], isOld = true): Buffer[] {
  if (from === leaves.length) return isOld ? [] : [rootOf(leaves)]
  const half = halfOf(leaves.length)
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)]
  return from <= half
    ? [...proofOf(from, left, isOld), rootOf(right)]
    : [...proofOf(from - half, right, false), rootOf(left)]
}

/** The roots of both trees that a proof leads to, by the same definition read backwards. */
export function rootsOf(
  from: number,
  size: number,
  oldRoot: Buffer,
  proof: readonly Buffer[],
): { readonly old: Buffer; readonly all: Buffer } | undefined {
  const left = [...proof]
  const walk = (m: number, n: number, isOld: boolean): [Buffer, Buffer] => {
    if (m === n) {
      const hash = isOld ? oldRoot : left.shift()
      if (hash === undefined) throw new RangeError('too few')
      return [hash, hash]
    }
    const half = halfOf(n)
    const isLeft = m <= half
    const [old, all] = isLeft ? walk(m, half, isOld) : walk(m - half, n - half, false)
    const other = left.shift()
    if (other === undefined) throw new RangeError('too few')
    return isLeft ? [old, nodeOf(all, other)] : [nodeOf(other, old), nodeOf(other, all)]
  }
  try {
    const [old, all] = walk(from, size, true)
    return left.length === 0 ? { old, all } : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function halfOf(size: number): number {
  let half = 1
  while (half * 2 < size) half *= 2
  return half
}
