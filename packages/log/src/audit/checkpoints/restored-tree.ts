import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { LogError } from '../../log-error.js'
import { type Head, readLink } from '../chain.js'
import { HashFile } from './hash-file.js'
import { MerkleTree, type TreeState } from './merkle-tree.js'

/** A tree that goes on, and the file of its hashes if proofs are asked for. */
export interface RestoredTree {
  readonly tree: MerkleTree
  readonly hashes: HashFile | undefined
}

/** Where a tree is kept, and the trail that it is over. */
export interface TreePlaces {
  /** The file of checkpoints; the others stand beside it. */
  readonly checkpoints: string
  readonly trail: string | undefined
  readonly head: Head
  readonly withHashes: boolean
}

/**
 * The tree as it was saved, and the records that the trail's file has beyond it.
 *
 * @throws {LogError} where these do not fit together; file system errors.
 */
export function restoredTree({ checkpoints, trail, head, withHashes }: TreePlaces): RestoredTree {
  const saved = `${checkpoints}.tree`
  const tree = existsSync(saved) ? MerkleTree.from(stateIn(saved)) : new MerkleTree()
  const hashes = withHashes ? new HashFile(`${checkpoints}.hashes`) : undefined
  try {
    if (tree !== undefined) return grown({ tree, hashes }, trail, head)
    throw secondTree(
      `has beside it a .tree that cannot be read, and the trail has ${head.seq + 1} records`,
    )
  } catch (error) {
    hashes?.close()
    throw error
  }
}

function grown(
  { tree, hashes }: RestoredTree,
  trail: string | undefined,
  head: Head,
): RestoredTree {
  const isWhole = hashes?.has(tree.state) ?? true
  hashes?.cut(isWhole ? tree.size : 0)
  const saved = tree.size
  addLines({ tree, hashes: isWhole ? hashes : undefined }, trail, head)
  if (tree.size !== head.seq + 1) {
    throw secondTree(
      `has beside it a tree of ${tree.size} records, and the trail has ${head.seq + 1}`,
    )
  }
  if (isWhole) return { tree, hashes }
  // Made again from the first record on, if the file has all of them.
  const again = { tree: new MerkleTree(), hashes }
  addLines(again, trail, head)
  if (again.tree.size !== tree.size) throw withoutHashes(saved)
  if (again.tree.root().equals(tree.root())) return again
  throw secondTree(`has beside it a tree of ${saved} other records than the trail`)
}

export function secondTree(what: string): LogError {
  const advice =
    'begin a new trail with a new signing key and a new file of checkpoints, as a log must never sign two trees'
  return new LogError('bad-option', 'checkpoints.file', `${what}; ${advice}`)
}

function withoutHashes(size: number): LogError {
  const what = `need the hashes of all ${size} records in <file>.hashes, beside the file of checkpoints, which lacks some of them, and the trail's first file was put aside`
  const advice = 'begin a new trail with a new signing key, or leave witnesses out'
  return new LogError('bad-option', 'checkpoints.witnesses', `${what}; ${advice}`)
}

function stateIn(file: string): TreeState {
  try {
    const state: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const { size, subtrees } = (state ?? {}) as Partial<Record<keyof TreeState, unknown>>
    if (typeof size === 'number' && Array.isArray(subtrees)) {
      return { size, subtrees: subtrees.map(String) }
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return { size: -1, subtrees: [] }
}

function addLines({ tree, hashes }: RestoredTree, file: string | undefined, head: Head): void {
  if (file === undefined || tree.size > head.seq) return
  for (const line of linesIn(file)) {
    // What follows the head is not a record, whatever it looks like.
    if (tree.size > head.seq) return
    if (readLink(line)?.seq !== tree.size) continue
    const complete = tree.add(Buffer.from(line, 'latin1'))
    hashes?.add(complete)
  }
}

/** Bytes read at once: a trail may be longer than the longest string. */
const CHUNK = 1 << 20

/** The bytes of each line as one character each. */
function* linesIn(file: string): Generator<string> {
  const chunk = Buffer.alloc(CHUNK)
  const fd = openSync(file, 'r')
  try {
    let rest = ''
    for (let size = readSync(fd, chunk); size > 0; size = readSync(fd, chunk)) {
      const lines = `${rest}${chunk.toString('latin1', 0, size)}`.split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
    yield rest
  } finally {
    closeSync(fd)
  }
}
