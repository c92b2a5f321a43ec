import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { heightsOf, type TreeState } from './merkle-tree.js'

const flush = promisify(fdatasync)

/** Bytes of a hash. */
const HASH = 32
/** Bytes of hashes that wait to be written, so that not every record costs a write. */
const BATCH = 65_536
/** Bytes that may wait while nothing can be written. */
const MAX_WAITING = 16 * 1_048_576

/**
 * The hashes of a Merkle tree that its proofs are made of, two for each leaf at most, in a file that
 * only grows: each leaf's, followed by those of the subtrees that end with it.
 *
 *     leaf 0 │ leaf 1, 0–1 │ leaf 2 │ leaf 3, 2–3, 0–3 │ leaf 4 │ …
 *
 * No secret, and nobody has to believe it: whoever gets a proof checks it against signed roots.
 */
export class HashFile {
  readonly #fd: number
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** Bytes in the file that count. */
  #size: number
  /** Hashes are missing, for which there was no room to wait. */
  #isBroken = false

  /** Opens or creates it. Throws file system errors. */
  constructor(path: string) {
    this.#fd = openSync(path, 'a+', 0o644)
    const { size } = fstatSync(this.#fd)
    this.#size = size - (size % HASH)
  }

  /** Whether the hashes of a tree in this state are there, as far as its own subtrees tell. */
  has({ size, subtrees }: TreeState): boolean {
    if (this.#size < countOf(size) * HASH) return false
    let begin = 0
    return heightsOf(size).every((height, i) => {
      const index = begin / 2 ** height
      begin += 2 ** height
      return this.read(height, index).toString('base64') === subtrees[i]
    })
  }

  /** Forgets what is beyond so many leaves; the file itself is cut with the next write. */
  cut(leaves: number): void {
    this.#size = countOf(leaves) * HASH
  }

  /** Takes what `MerkleTree.add` returned. What cannot be written waits: `flush` says so. */
  add(complete: readonly Buffer[]): void {
    this.#isBroken ||= this.#waitingBytes >= MAX_WAITING
    if (this.#isBroken) return
    this.#waiting.push(...complete)
    this.#waitingBytes += complete.length * HASH
    if (this.#waitingBytes % BATCH < complete.length * HASH) this.#tryToWrite()
  }

  /** The root of the complete subtree of that height with that index. */
  read(height: number, index: number): Buffer {
    this.#write()
    const hash = Buffer.alloc(HASH)
    const size = readSync(this.#fd, hash, 0, HASH, placeOf(height, index) * HASH)
    if (size !== HASH) throw new Error(`the hash ${height}/${index} of the tree is missing`)
    return hash
  }

  /** Has what was added on disk. */
  async flush(): Promise<void> {
    this.#write()
    await flush(this.#fd)
  }

  flushNow(): void {
    this.#write()
    fsyncSync(this.#fd)
  }

  close(): void {
    closeSync(this.#fd)
  }

  #tryToWrite(): void {
    try {
      this.#write()
    } catch {
      // The next `flush` tries again, and throws.
    }
  }

  #write(): void {
    if (this.#isBroken) throw new Error('the hashes of records could not be written for too long')
    if (this.#waitingBytes === 0) return
    // A write that failed half way is overwritten: the file is for appending alone.
    if (fstatSync(this.#fd).size !== this.#size) ftruncateSync(this.#fd, this.#size)
    const bytes = Buffer.concat(this.#waiting)
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at)
    this.#size += bytes.length
    this.#waiting = []
    this.#waitingBytes = 0
  }
}

/** Hashes for so many leaves: `2n` less one for each bit of n. */
function countOf(leaves: number): number {
  return leaves === 0 ? 0 : 2 * leaves - heightsOf(leaves).length
}

/** Where a hash is, counted in hashes: after those of all leaves before its last one, above that one. */
function placeOf(height: number, index: number): number {
  const last = (index + 1) * 2 ** height - 1
  return countOf(last) + height
}
