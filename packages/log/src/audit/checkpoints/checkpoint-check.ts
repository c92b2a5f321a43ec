import { LogError } from '../../log-error.js'
import { type Checkpoint, readCheckpoint } from './checkpoint.js'
import { MerkleTree } from './merkle-tree.js'
import { COSIGNATURE, ED25519, readVerifierKey, type VerifierKey } from './note-keys.js'
import { isSignedBy, type Note, readNotes } from './signed-note.js'

/** Checkpoints that were kept elsewhere, and whose signatures count. */
export interface KeptCheckpoints {
  /** Signed notes, each text with one or more. */
  readonly notes: readonly string[]
  /** The log's public key: `name+id+base64`. */
  readonly key: string
  /** Public keys of witnesses. */
  readonly witnesses?: readonly string[] | undefined
  /** How many of the witnesses must have cosigned each checkpoint. Default all. */
  readonly quorum?: number | undefined
}

export interface CheckpointFinding {
  readonly code: 'bad-checkpoint' | 'not-cosigned' | 'rewritten' | 'cut-off'
  readonly message: string
}

/** Checks that the records of a trail are those of its checkpoints, as they pass by. */
export class CheckpointCheck {
  readonly #tree = new MerkleTree()
  readonly #due: Checkpoint[]
  readonly #findings: CheckpointFinding[] = []
  #isComplete = true

  /** @throws {LogError} for keys that are not keys. */
  constructor({ notes, key, witnesses = [], quorum = witnesses.length }: KeptCheckpoints) {
    const log = keyAt('checkpoints.key', key, ED25519)
    const cosigners = witnesses.map((text, i) =>
      keyAt(`checkpoints.witnesses[${i}]`, text, COSIGNATURE),
    )
    for (const [i, { name, id }] of cosigners.entries()) {
      const first = cosigners.findIndex((other) => other.name === name && other.id === id)
      if (first === i) continue
      const message = `must be another witness than checkpoints.witnesses[${first}], as each counts once`
      throw new LogError('bad-option', `checkpoints.witnesses[${i}]`, message)
    }
    if (!Number.isInteger(quorum) || quorum < 0 || quorum > cosigners.length) {
      const most = `an integer from 0 to ${cosigners.length}, the number of witnesses`
      throw new LogError('bad-option', 'checkpoints.quorum', `must be ${most}, got ${quorum}`)
    }
    this.#due = notes
      .flatMap((text) => this.#read(text))
      .flatMap((note) => this.#signed(note, log, cosigners, quorum))
      .sort((a, b) => a.size - b.size)
  }

  /** The next record, and its line as bytes. */
  record(seq: number, line: Uint8Array): CheckpointFinding[] {
    const found = this.#compare()
    this.#isComplete &&= seq === this.#tree.size
    if (this.#isComplete) this.#tree.add(line)
    return found
  }

  end(): CheckpointFinding[] {
    const found = this.#compare()
    const left = this.#due.splice(0).map(({ size }): CheckpointFinding => {
      const message = this.#isComplete
        ? `a checkpoint has ${size} records, and the trail ${this.#tree.size}`
        : `a checkpoint of ${size} records cannot be compared: record ${this.#tree.size} is missing`
      return { code: 'cut-off', message }
    })
    return [...found, ...left]
  }

  #compare(): CheckpointFinding[] {
    const found = this.#findings.splice(0)
    for (const { size, root } of this.#reached()) {
      if (this.#tree.root().equals(root)) continue
      const message = `the first ${size} records are not those of the checkpoint`
      found.push({ code: 'rewritten', message })
    }
    return found
  }

  /** The checkpoints of as many records as there have been so far. */
  #reached(): Checkpoint[] {
    const next = this.#due.findIndex(({ size }) => size !== this.#tree.size)
    if (!this.#isComplete || next === 0) return []
    return this.#due.splice(0, next === -1 ? this.#due.length : next)
  }

  #read(text: string): Note[] {
    const notes = readNotes(text)
    if (notes === undefined) this.#bad('a checkpoint is not a signed note')
    return notes ?? []
  }

  /** The checkpoint of a note that the log signed; what is missing is kept as a finding. */
  #signed(
    note: Note,
    log: VerifierKey,
    witnesses: readonly VerifierKey[],
    quorum: number,
  ): Checkpoint[] {
    const checkpoint = readCheckpoint(note)
    if (checkpoint === undefined || checkpoint.origin !== log.name) {
      return this.#bad(`a note is not a checkpoint of ${log.name}`)
    }
    const name = `the checkpoint of ${checkpoint.size} records`
    const signatures = [log, ...witnesses].map((key) => isSignedBy(note, key))
    if (signatures[0] === undefined) return this.#bad(`${name} is not signed by ${log.name}`)
    // A signature of a known key that does not fit: the note is to be rejected as a whole.
    if (signatures.includes(false)) return this.#bad(`${name} has a signature that does not fit`)
    const cosigned = signatures.slice(1).filter((isFine) => isFine === true).length
    if (cosigned < quorum) {
      const message = `${name} is cosigned by ${cosigned} of the witnesses, ${quorum} are needed`
      this.#findings.push({ code: 'not-cosigned', message })
    }
    return [checkpoint]
  }

  #bad(message: string): [] {
    this.#findings.push({ code: 'bad-checkpoint', message })
    return []
  }
}

function keyAt(path: string, text: string, type: VerifierKey['type']): VerifierKey {
  const key = readVerifierKey(text)
  if (key?.type === type) return key
  const what = type === ED25519 ? 'a public key of a log' : 'a public key of a witness (type 4)'
  throw new LogError('bad-option', path, `must be ${what}: name+id+base64`)
}
