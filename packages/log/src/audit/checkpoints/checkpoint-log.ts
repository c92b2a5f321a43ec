import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { LogError } from '../../log-error.js'
import type { Head } from '../chain.js'
import { type Checkpoint, checkpointText, readCheckpoint } from './checkpoint.js'
import type { CheckpointSettings } from './checkpoint-options.js'
import { consistencyProof } from './consistency.js'
import type { HashFile } from './hash-file.js'
import type { MerkleTree, TreeState } from './merkle-tree.js'
import { readSignerKey, type SignerKey } from './note-keys.js'
import { restoredTree, secondTree } from './restored-tree.js'
import { isSignedBy, readNotes, signNote } from './signed-note.js'
import type { WitnessOutcome } from './witness.js'
import { WitnessGroup } from './witness-group.js'

/** The trail that checkpoints are of. */
export interface CheckpointedTrail {
  readonly file: string | undefined
  readonly head: Head
  /** Has everything on disk that was written so far. */
  flush(): Promise<void>
  report(error: unknown): void
  countCosignature(witness: string, outcome: WitnessOutcome): void
}

/** A checkpoint on its way. */
interface Due {
  readonly checkpoint: Checkpoint
  readonly note: string
  readonly state: TreeState
}

/** Checkpoints that may wait for a slow disk. */
const MAX_DUE = 1000

/**
 * The checkpoints of one trail: the Merkle tree over its records as they are written, signed every
 * so many records and every so many seconds. Beside `file` stands `file.tree`, from which the tree
 * goes on after a restart, and for witnesses `file.hashes`, which proofs are made of; neither is a
 * secret.
 */
export class CheckpointLog {
  readonly #settings: CheckpointSettings
  readonly #trail: CheckpointedTrail
  readonly #signer: SignerKey
  readonly #tree: MerkleTree
  readonly #hashes: HashFile | undefined
  readonly #witnesses: WitnessGroup | undefined
  readonly #timer: NodeJS.Timeout
  /** Records in the last checkpoint. */
  #signed: number
  /** Records in `file.tree`. */
  #saved = 0
  /** Checkpoints that nobody has got yet, and the trees that go on from them. */
  readonly #due: Due[] = []
  #handing: Promise<void> | undefined

  /**
   * Throws `LogError` if there is no tree that the trail up to `head` continues, and file system
   * errors. What goes wrong later is reported.
   */
  constructor(settings: CheckpointSettings, trail: CheckpointedTrail) {
    this.#settings = settings
    this.#trail = trail
    this.#signer = signerIn(settings.keyFile)
    const { tree, hashes } = restoredTree({
      checkpoints: settings.file,
      trail: trail.file,
      head: trail.head,
      withHashes: settings.witnesses.length > 0,
    })
    this.#tree = tree
    this.#hashes = hashes
    refuseSecondTree(tree, lastSigned(settings.file, this.#signer))
    this.#witnesses = this.#openWitnesses()
    this.#signed = tree.size
    this.#timer = setInterval(() => this.#tick(), settings.interval * 1000).unref()
  }

  /** Takes records that have been written, as their lines. */
  add(lines: readonly string[]): void {
    for (const line of lines) {
      const complete = this.#tree.add(Buffer.from(line.slice(0, -1)))
      this.#hashes?.add(complete)
    }
    if (this.#tree.size - this.#signed >= this.#settings.every) this.#sign()
  }

  /**
   * Before the trail goes on in another file, and once its records are on disk: the tree can be
   * restored from the current file alone.
   */
  save(): void {
    this.#try(() => this.#hashes?.flushNow())
    this.#try(() => this.#saveAs(this.#tree.state))
  }

  /** With a last checkpoint. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#handing
    this.#sign()
    await this.#handing
    await this.#witnesses?.close()
    this.#try(() => this.#hashes?.close())
  }

  #tick(): void {
    this.#sign()
    this.#witnesses?.retry()
  }

  /** Over the records so far. It is handed on later: the disk is slower than the trail. */
  #sign(): void {
    const { state } = this.#tree
    if (state.size !== this.#signed && this.#due.length < MAX_DUE) {
      const text = { origin: this.#signer.name, size: state.size, root: this.#tree.root() }
      this.#due.push({
        checkpoint: text,
        note: signNote(checkpointText(text), this.#signer),
        state,
      })
      this.#signed = state.size
    }
    if (this.#due.length === 0) return
    this.#handing ??= this.#handOn().finally(() => {
      this.#handing = undefined
    })
  }

  /**
   * A checkpoint is for ever: its records, and what the tree goes on from, are on disk before anyone
   * gets it, or a power cut would leave a trail that contradicts it.
   */
  async #handOn(): Promise<void> {
    while (this.#due.length > 0) {
      const due = [...this.#due]
      try {
        await this.#trail.flush()
        // Without them there are checkpoints all the same, and no proofs.
        await this.#hashes?.flush().catch((error: unknown) => this.#trail.report(error))
      } catch (error) {
        // They wait for the next one.
        this.#trail.report(error)
        return
      }
      this.#due.splice(0, due.length)
      this.#keepLast(due.at(-1))
      for (const { note } of due) this.#call(this.#settings.to, note)
    }
  }

  #keepLast(last: Due | undefined): void {
    if (last === undefined) return
    const { checkpoint, note, state } = last
    this.#try(() => {
      if (state.size > this.#saved) this.#saveAs(state)
      replace(this.#settings.file, note)
    })
    this.#witnesses?.submit({
      checkpoint,
      note,
      proofFrom: (old) => this.#proof(old, checkpoint.size),
    })
  }

  #proof(old: number, size: number): Buffer[] {
    const hashes = this.#hashes
    if (hashes === undefined) return []
    return consistencyProof(old, size, (height, index) => hashes.read(height, index))
  }

  #openWitnesses(): WitnessGroup | undefined {
    const { witnesses, timeout, cosigned, file } = this.#settings
    const known = witnesses.flatMap(({ url, key }) => (key === undefined ? [] : [{ url, key }]))
    if (known.length === 0) return undefined
    return new WitnessGroup(known, timeout, {
      cosigned: (note) => {
        this.#try(() => replace(`${file}.cosigned`, note))
        this.#call(cosigned, note)
      },
      outcome: (witness, outcome) => this.#trail.countCosignature(witness, outcome),
      error: (error) => this.#trail.report(error),
    })
  }

  #saveAs(state: TreeState): void {
    replace(`${this.#settings.file}.tree`, JSON.stringify(state))
    this.#saved = state.size
  }

  #call(callback: ((note: string) => void) | undefined, note: string): void {
    this.#try(() => {
      // To the type checker, a function that awaits something is one that returns nothing.
      Promise.resolve(callback?.(note)).catch((error: unknown) => this.#trail.report(error))
    })
  }

  #try(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#trail.report(error)
    }
  }
}

/** As a whole or not at all, also through a power cut. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o644, flush: true })
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
