import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { consistencyProof, isConsistent } from '../src/audit/checkpoints/consistency.js'
import { HashFile } from '../src/audit/checkpoints/hash-file.js'
import { MerkleTree } from '../src/audit/checkpoints/merkle-tree.js'
import { proofOf, rootOf } from './reference-tree.js'

interface Published {
  readonly roots: readonly string[]
  readonly proofs: readonly {
    readonly from: number
    readonly size: number
    readonly proof: readonly string[]
  }[]
}

const GO: Published = JSON.parse(readFileSync(new URL('tlog-proofs.json', import.meta.url), 'utf8'))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-hashes-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A tree over these leaves, with its hashes in a file. */
function grown(leaves: readonly Uint8Array[]): { tree: MerkleTree; hashes: HashFile } {
  const [tree, hashes] = [new MerkleTree(), new HashFile(join(folder, 'hashes'))]
  for (const leaf of leaves) hashes.add(tree.add(leaf))
  return { tree, hashes }
}

const base64 = (hashes: readonly Uint8Array[]) =>
  hashes.map((hash) => Buffer.from(hash).toString('base64'))
const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => Buffer.from(`record ${i}`))

describe('a consistency proof', () => {
  // The tree and the proofs that implementations of Certificate Transparency are tested with.
  const CT = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657']
  const LEAVES = [...CT, '606162636465666768696a6b6c6d6e6f'].map((hex) => Buffer.from(hex, 'hex'))

  test.each([
    [1, 1, []],
    [
      1,
      8,
      [
        'lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=',
        'Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=',
        'a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=',
      ],
    ],
    [
      6,
      8,
      [
        'DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=',
        'yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=',
        '037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=',
      ],
    ],
    [
      2,
      5,
      [
        'Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=',
        'vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=',
      ],
    ],
  ])('from %i to %i is the published one', (from, size, published) => {
    const { hashes } = grown(LEAVES.slice(0, size))
    const proof = consistencyProof(from, size, (height, index) => hashes.read(height, index))
    expect(base64(proof)).toEqual(published)
    hashes.close()
  })

  test('is the one that the Go project’s implementation makes', () => {
    const { hashes } = grown(leavesOf(GO.roots.length))
    for (const { from, size, proof } of GO.proofs) {
      const own = consistencyProof(from, size, (height, index) => hashes.read(height, index))
      expect(base64(own)).toEqual(proof)
      const at = (n: number) => ({ size: n, root: Buffer.from(GO.roots[n - 1] ?? '', 'base64') })
      expect(isConsistent(at(from), at(size), own)).toBe(true)
    }
    hashes.close()
  })

  test('is the one that the definition gives, for every two sizes, and shows what it must', () => {
    const leaves = leavesOf(70)
    const { hashes } = grown(leaves)
    const at = (size: number) => ({ size, root: rootOf(leaves.slice(0, size)) })
    for (let size = 1; size <= leaves.length; size++) {
      for (let from = 1; from <= size; from++) {
        const proof = consistencyProof(from, size, (height, index) => hashes.read(height, index))
        expect(base64(proof)).toEqual(base64(proofOf(from, leaves.slice(0, size))))
        expect(isConsistent(at(from), at(size), proof)).toBe(true)
      }
    }
    hashes.close()
  })

  test('does not show what is not so: another root, size or hash, and one too many or too few', () => {
    const leaves = leavesOf(40)
    const { hashes } = grown(leaves)
    const nat = (max: number) => fc.integer({ min: 1, max })
    const harm = fc.constantFrom('old root', 'new root', 'hash', 'more', 'fewer', 'size')
    fc.assert(
      fc.property(nat(40), nat(40), fc.nat(255), harm, (a, b, bit, how) => {
        const [from, size] = [Math.min(a, b), Math.max(a, b)]
        const proof = consistencyProof(from, size, (height, index) => hashes.read(height, index))
        const [before, after] = [from, size].map((n) => ({
          size: n,
          root: rootOf(leaves.slice(0, n)),
        }))
        if (before === undefined || after === undefined) return
        const flipped = (hash: Uint8Array) => {
          const copy = Buffer.from(hash)
          copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          return copy
        }
        const at = bit % Math.max(1, proof.length)
        if (how === 'hash' || how === 'fewer') fc.pre(proof.length > 0)
        const harmed = {
          'old root': () => isConsistent({ ...before, root: flipped(before.root) }, after, proof),
          'new root': () => isConsistent(before, { ...after, root: flipped(after.root) }, proof),
          hash: () => isConsistent(before, after, proof.with(at, flipped(proof[at] ?? after.root))),
          more: () => isConsistent(before, after, proof.toSpliced(at, 0, after.root)),
          fewer: () => isConsistent(before, after, proof.toSpliced(at, 1)),
          size: () => isConsistent(after, { ...before, size: from - 1 }, proof),
        }
        expect(harmed[how]()).toBe(false)
      }),
      { numRuns: 500 },
    )
    hashes.close()
  })

  test('reads as many hashes as the tree is high, and holds for sizes beyond 32 bits', () => {
    const fake = (height: number, index: number) =>
      createHash('sha256').update(`${height}/${index}`).digest()
    let reads = 0
    const proof = consistencyProof(2 ** 40 + 3, 2 ** 41 + 7, (height, index) => {
      reads++
      return fake(height, index)
    })
    expect(proof.length).toBeLessThan(64)
    expect(reads).toBeLessThan(64)
  })
})

describe('the file of hashes', () => {
  test('goes on where it was closed, and after it was longer than the tree', () => {
    const leaves = leavesOf(50)
    const first = grown(leaves.slice(0, 30))
    first.hashes.flushNow()
    first.hashes.close()
    // Two for each leaf, less one for each bit of 30.
    expect(statSync(join(folder, 'hashes')).size).toBe((2 * 30 - 4) * 32)
    const tree = new MerkleTree()
    for (const leaf of leaves.slice(0, 25)) tree.add(leaf)
    const hashes = new HashFile(join(folder, 'hashes'))
    expect(hashes.has(tree.state)).toBe(true)
    hashes.cut(25)
    for (const leaf of leaves.slice(25)) hashes.add(tree.add(leaf))
    const proof = consistencyProof(11, 50, (height, index) => hashes.read(height, index))
    expect(base64(proof)).toEqual(base64(proofOf(11, leaves)))
    hashes.close()
  })

  test('is not taken for that of another tree, nor one that is too short', () => {
    const { tree, hashes } = grown(leavesOf(30))
    hashes.flushNow()
    hashes.close()
    const other = new MerkleTree()
    for (const leaf of leavesOf(31).slice(1)) other.add(leaf)
    const path = join(folder, 'hashes')
    const open = () => new HashFile(path)
    expect([tree, other].map(({ state }) => open().has(state))).toEqual([true, false])
    truncateSync(path, statSync(path).size - 1)
    expect(open().has(tree.state)).toBe(false)
    writeFileSync(path, '')
    expect(open().has(tree.state)).toBe(false)
    expect(open().has(new MerkleTree().state)).toBe(true)
  })
})
