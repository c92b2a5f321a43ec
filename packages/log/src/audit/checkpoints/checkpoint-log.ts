import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { LogError } from '../../log-error.js'
import { type Head, readLink } from '../chain.js'
import type { CheckpointSettings } from '../read-audit-options.js'
import { type Checkpoint, checkpointText, readCheckpoint } from './checkpoint.js'
import { MerkleTree, type TreeState } from './merkle-tree.js'
import { readSignerKey, type SignerKey } from './note-keys.js'
import { isSignedBy, readNotes, signNote } from './signed-note.js'

/**
 * The checkpoints of one trail: the Merkle tree over its records as they are written, signed every
 * so many records and every so many seconds. Beside `file` stands `file.tree`, from which the tree
 * goes on after a restart; it is not a secret.
 */
export class CheckpointLog {
  readonly #settings: CheckpointSettings
  readonly #signer: SignerKey
  readonly #tree: MerkleTree
  readonly #report: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  /** Records in the last checkpoint. */
  #signed: number

  /**
   * Throws `LogError` if there is no tree that the trail up to `head` continues, and file system
   * errors. What goes wrong later is reported.
   */
  constructor(
    settings: CheckpointSettings,
    trail: { readonly file: string | undefined; readonly head: Head },
    report: (error: unknown) => void,
  ) {
    this.#settings = settings
    this.#report = report
    this.#signer = signerIn(settings.keyFile)
    this.#tree = restored(`${settings.file}.tree`, trail)
    refuseSecondTree(this.#tree, lastSigned(settings.file, this.#signer))
    this.#signed = this.#tree.size
    this.#timer = setInterval(() => this.#sign(), settings.interval * 1000).unref()
  }

  /** Takes records that have been written, as their lines. */
  add(lines: readonly string[]): void {
    for (const line of lines) this.#tree.add(Buffer.from(line.slice(0, -1)))
    if (this.#tree.size - this.#signed >= this.#settings.every) this.#sign()
  }

  /** Before the trail goes on in another file: the tree can be restored from the current one alone. */
  save(): void {
    try {
      replace(`${this.#settings.file}.tree`, JSON.stringify(this.#tree.state))
    } catch (error) {
      this.#report(error)
    }
  }

  /** With a last checkpoint. */
  close(): void {
    clearInterval(this.#timer)
    this.#sign()
  }

  #sign(): void {
    if (this.#tree.size === this.#signed) return
    const { file, to } = this.#settings
    const { name: origin } = this.#signer
    const { size } = this.#tree
    const note = signNote(checkpointText({ origin, size, root: this.#tree.root() }), this.#signer)
    this.#signed = size
    try {
      this.save()
      replace(file, note)
      Promise.resolve(to?.(note)).catch((error: unknown) => this.#report(error))
    } catch (error) {
      this.#report(error)
    }
  }
}

/** As a whole or not at all. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o644 })
  renameSync(`${file}.new`, file)
}

function signerIn(file: string): SignerKey {
  const { mode, uid } = statSync(file)
  // A secret that is mounted belongs to root, and to a group of the process.
  const others = uid === 0 && process.getuid?.() !== 0 ? 0o027 : 0o077
  if (process.platform !== 'win32' && (mode & others) !== 0) {
    const message = 'must be readable by its owner alone; write chmod 600 FILE'
    throw new LogError('bad-option', 'checkpoints.keyFile', message)
  }
  const key = readSignerKey(readFileSync(file, 'utf8').trim())
  if (key !== undefined) return key
  const advice = 'make one with `truehop audit checkpoint-key NAME FILE`'
  throw new LogError('bad-option', 'checkpoints.keyFile', `is not a signing key; ${advice}`)
}

/** The tree as it was saved, and the records that the trail's file has beyond it. */
function restored(
  saved: string,
  { file, head }: { readonly file: string | undefined; readonly head: Head },
): MerkleTree {
  const tree = existsSync(saved) ? MerkleTree.from(stateIn(saved)) : new MerkleTree()
  if (tree !== undefined && file !== undefined && tree.size <= head.seq) addLines(tree, file)
  if (tree?.size === head.seq + 1) return tree
  throw secondTree(
    `has beside it a tree of ${tree?.size ?? 'unreadable'} records, and the trail has ${head.seq + 1}`,
  )
}

/** Where the file of the tree went missing together with the trail, the last checkpoint is still there. */
function refuseSecondTree(tree: MerkleTree, signed: Checkpoint | undefined): void {
  if (signed === undefined || signed.size < tree.size) return
  if (signed.size === tree.size && signed.root.equals(tree.root())) return
  throw secondTree(
    `has a checkpoint of ${signed.size} other records, and the trail has ${tree.size}`,
  )
}

/** The last checkpoint in a file that this key signed. */
function lastSigned(file: string, signer: SignerKey): Checkpoint | undefined {
  if (!existsSync(file)) return undefined
  const notes = readNotes(readFileSync(file, 'utf8')) ?? []
  const own = notes.filter((note) => isSignedBy(note, signer) === true)
  return own.map(readCheckpoint).findLast((checkpoint) => checkpoint?.origin === signer.name)
}

function secondTree(what: string): LogError {
  const advice =
    'begin a new trail with a new signing key and a new file of checkpoints, as a log must never sign two trees'
  return new LogError('bad-option', 'checkpoints.file', `${what}; ${advice}`)
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

function addLines(tree: MerkleTree, file: string): void {
  for (const line of linesIn(file)) {
    if (readLink(line)?.seq === tree.size) tree.add(Buffer.from(line, 'latin1'))
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
