import { LogError } from '../../log-error.js'
import { type ProofFrom, splitProof } from './add-checkpoint.js'
import { type Checkpoint, readCheckpoint } from './checkpoint.js'
import { isConsistent } from './consistency.js'
import {
  COSIGNATURE,
  ED25519,
  readVerifierKey,
  repeatedKey,
  type VerifierKey,
} from './note-keys.js'
import { isSignedBy, type Note, readNotes } from './signed-note.js'

/** Checkpoints that were kept elsewhere, and whose signatures count. */
export interface KeptCheckpoints extends WitnessedNotes {
  /** The log's public key: `name+id+base64`. */
  readonly key: string
}

/** Checkpoints of several logs, one for each trail of a ledger. */
export interface LedgerCheckpoints extends WitnessedNotes {
  /** The public key of each log: `name+id+base64`. */
  readonly keys: readonly string[]
}

interface WitnessedNotes {
  /**
   * Signed notes, each text with one or more. One may follow a consistency proof, as in the body of a
   * request to a witness: it is checked too. The same checkpoint may come several times, with other
   * cosignatures.
   */
  readonly notes: readonly string[]
  /** Public keys of witnesses. */
  readonly witnesses?: readonly string[] | undefined
  /** How many of the witnesses must have cosigned each checkpoint. Default all. */
  readonly quorum?: number | undefined
}

export interface CheckpointFinding {
  readonly code: 'bad-checkpoint' | 'not-cosigned' | 'split-view' | 'rewritten' | 'cut-off'
  readonly message: string
}

/** What one log signed, the smallest first; each checkpoint once. */
export interface LogCheckpoints {
  readonly log: VerifierKey
  readonly checkpoints: readonly Checkpoint[]
}

/** What the notes are worth without the records. */
export interface ReadCheckpoints {
  readonly logs: readonly LogCheckpoints[]
  readonly findings: readonly CheckpointFinding[]
}

/** A checkpoint, and who cosigned it in any of its notes. */
interface Witnessed {
  readonly log: VerifierKey
  readonly checkpoint: Checkpoint
  readonly cosigners: Set<VerifierKey>
}

/**
 * Checks the signatures of checkpoints, their proofs, and that no log signed two trees of one size.
 *
 * @throws {LogError} for keys that are not keys.
 */
export function readKept(
  { keys, notes, ...rest }: LedgerCheckpoints,
  at = 'keys',
): ReadCheckpoints {
  const logs = keys.map((key, i) =>
    keyAt(at === 'key' ? 'checkpoints.key' : `checkpoints.keys[${i}]`, key, ED25519),
  )
  const reading = new Reading(logs, rest)
  for (const text of notes) reading.text(text)
  return reading.end()
}

class Reading {
  readonly #logs: readonly VerifierKey[]
  readonly #witnesses: readonly VerifierKey[]
  readonly #quorum: number
  /** By log, size and root. */
  readonly #found = new Map<string, Witnessed>()
  readonly #proofs: { readonly of: Witnessed; readonly from: ProofFrom }[] = []
  readonly #findings: CheckpointFinding[] = []

  constructor(
    logs: readonly VerifierKey[],
    { witnesses = [], quorum = witnesses.length }: Omit<WitnessedNotes, 'notes'>,
  ) {
    this.#logs = logs
    this.#witnesses = witnesses.map((text, i) =>
      keyAt(`checkpoints.witnesses[${i}]`, text, COSIGNATURE),
    )
    const repeated = repeatedKey(this.#witnesses)
    if (repeated !== undefined) {
      const [i, first] = repeated
      const message = `must have another key than checkpoints.witnesses[${first}], as each witness counts once`
      throw new LogError('bad-option', `checkpoints.witnesses[${i}]`, message)
    }
    if (!Number.isInteger(quorum) || quorum < 0 || quorum > witnesses.length) {
      const most = `an integer from 0 to ${witnesses.length}, the number of witnesses`
      throw new LogError('bad-option', 'checkpoints.quorum', `must be ${most}, got ${quorum}`)
    }
    this.#quorum = quorum
  }

  text(text: string): void {
    const notes = readNotes(text)
    if (notes === undefined) this.#find('bad-checkpoint', 'a checkpoint is not a signed note')
    for (const note of notes ?? []) this.#note(splitProof(note))
  }

  end(): ReadCheckpoints {
    const all = [...this.#found.values()].sort((a, b) => a.checkpoint.size - b.checkpoint.size)
    for (const each of all) this.#checkQuorum(each)
    const byLog = grouped(all, ({ log }) => log)
    for (const checkpoints of byLog.values()) this.#checkSplits(checkpoints)
    const bySize = grouped(all, ({ log, checkpoint }) => placeOf(log, checkpoint.size))
    for (const { of, from } of this.#proofs) this.#checkProof(of, from, bySize)
    const logs = this.#logs.map((log) => ({ log, checkpoints: byLog.get(log) ?? [] }))
    return { logs, findings: this.#findings }
  }

  #note({ note, from }: ReturnType<typeof splitProof>): void {
    const checkpoint = readCheckpoint(note)
    const named = this.#logs.filter(({ name }) => name === checkpoint?.origin)
    if (checkpoint === undefined || named.length === 0) {
      const names = this.#logs.map(({ name }) => name).join(', ')
      this.#find('bad-checkpoint', `a note is not a checkpoint of ${names}`)
      return
    }
    const about = nameOf(checkpoint)
    const log = named.find((key) => isSignedBy(note, key) !== undefined)
    if (log === undefined) {
      this.#find('bad-checkpoint', `${about} is not signed by ${checkpoint.origin}`)
    } else if ([log, ...this.#witnesses].some((key) => isSignedBy(note, key) === false)) {
      // A signature of a known key that does not fit: the note is to be rejected as a whole.
      this.#find('bad-checkpoint', `${about} has a signature that does not fit`)
    } else this.#keep(log, checkpoint, note, from)
  }

  #keep(log: VerifierKey, checkpoint: Checkpoint, note: Note, from: ProofFrom | undefined): void {
    const place = `${placeOf(log, checkpoint.size)} ${checkpoint.root.toString('hex')}`
    const found = this.#found.get(place) ?? { log, checkpoint, cosigners: new Set() }
    this.#found.set(place, found)
    for (const key of this.#witnesses) if (isSignedBy(note, key) === true) found.cosigners.add(key)
    if (from !== undefined) this.#proofs.push({ of: found, from })
  }

  #checkQuorum({ checkpoint, cosigners }: Witnessed): void {
    if (cosigners.size >= this.#quorum) return
    const message = `${nameOf(checkpoint)} is cosigned by ${cosigners.size} of the witnesses, ${this.#quorum} are needed`
    this.#find('not-cosigned', message)
  }

  /** @param checkpoints Of one log, the smallest first, each once. */
  #checkSplits(checkpoints: readonly Checkpoint[]): void {
    for (const [i, { origin, size }] of checkpoints.entries()) {
      if (checkpoints[i - 1]?.size !== size) continue
      this.#find('split-view', `${origin} signed two trees of ${size} records`)
    }
  }

  #checkProof(
    of: Witnessed,
    { old, proof }: ProofFrom,
    bySize: ReadonlyMap<string, readonly Checkpoint[]>,
  ): void {
    const before = bySize.get(placeOf(of.log, old)) ?? []
    const failed = before.find((checkpoint) => !isConsistent(checkpoint, of.checkpoint, proof))
    if (failed === undefined) return
    const message = `the proof does not lead from ${old} records to ${nameOf(of.checkpoint)}`
    this.#find('bad-checkpoint', message)
  }

  #find(code: CheckpointFinding['code'], message: string): void {
    this.#findings.push({ code, message })
  }
}

function placeOf({ name, id }: VerifierKey, size: number): string {
  return `${name} ${id} ${size}`
}

function grouped<K>(all: readonly Witnessed[], by: (each: Witnessed) => K): Map<K, Checkpoint[]> {
  const groups = new Map<K, Checkpoint[]>()
  for (const each of all) {
    const group = groups.get(by(each))
    if (group === undefined) groups.set(by(each), [each.checkpoint])
    else group.push(each.checkpoint)
  }
  return groups
}

function nameOf({ size }: Checkpoint): string {
  return `the checkpoint of ${size} records`
}

function keyAt(path: string, text: string, type: VerifierKey['type']): VerifierKey {
  const key = readVerifierKey(text)
  if (key?.type === type) return key
  const what = type === ED25519 ? 'a public key of a log' : 'a public key of a witness (type 4)'
  throw new LogError('bad-option', path, `must be ${what}: name+id+base64`)
}
