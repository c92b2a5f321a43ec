import { createHash } from 'node:crypto'

/** RFC 6962 section 2.1: what a leaf and a node are hashed with, so that neither passes for the other. */
const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** A complete subtree of `2 ** height` leaves. */
interface Subtree {
  readonly height: number
  readonly hash: Buffer
}

/** What a tree is continued from; its hashes in base64, the largest subtree first. */
export interface TreeState {
  readonly size: number
  readonly subtrees: readonly string[]
}

/**
 * The Merkle tree of RFC 6962 over a growing list, as the roots of its complete subtrees alone: one
 * for each bit of the size, so that it needs no more memory for a billion leaves than for thirty.
 */
export class MerkleTree {
  #size = 0
  readonly #subtrees: Subtree[] = []

  /** Undefined for a state that no tree has. */
  static from({ size, subtrees }: TreeState): MerkleTree | undefined {
    const tree = new MerkleTree()
    const heights = heightsOf(size)
    if (!Number.isSafeInteger(size) || size < 0 || heights.length !== subtrees.length)
      return undefined
    for (const [i, height] of heights.entries()) {
      const hash = Buffer.from(subtrees[i] ?? '', 'base64')
      if (hash.length !== 32) return undefined
      tree.#subtrees.push({ height, hash })
    }
    tree.#size = size
    return tree
  }

  /** Leaves. */
  get size(): number {
    return this.#size
  }

  get state(): TreeState {
    return {
      size: this.#size,
      subtrees: this.#subtrees.map(({ hash }) => hash.toString('base64')),
    }
  }

  /** Returns the hashes of what is complete now: the leaf, then each larger subtree that ends with it. */
  add(leaf: Uint8Array): Buffer[] {
    let added: Subtree = { height: 0, hash: sha256(LEAF, leaf) }
    const complete = [added.hash]
    while (this.#subtrees.at(-1)?.height === added.height) {
      const left = this.#subtrees.pop()
      if (left === undefined) break
      added = { height: added.height + 1, hash: nodeOf(left.hash, added.hash) }
      complete.push(added.hash)
    }
    this.#subtrees.push(added)
    this.#size++
    return complete
  }

  /** 32 bytes. */
  root(): Buffer {
    const [last, ...before] = this.#subtrees.map(({ hash }) => hash).reverse()
    if (last === undefined) return sha256()
    return before.reduce((right, left) => nodeOf(left, right), last)
  }
}

/** The hash of a node over its two subtrees: 32 bytes. */
export function nodeOf(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(NODE, left, right)
}

/** The bits of a size, the highest first: the heights of the complete subtrees of so many leaves. */
export function heightsOf(size: number): number[] {
  const bits = size.toString(2)
  return [...bits].flatMap((bit, i) => (bit === '1' ? [bits.length - 1 - i] : []))
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
