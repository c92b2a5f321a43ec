import type { SkippedKeys } from './keys/acknowledgement.js'

/** What is wrong with a trail, and where. */
export interface AuditFinding {
  readonly code: AuditFindingCode
  /** Counted over all files, from 1. 0 if it concerns no line. */
  readonly line: number
  readonly message: string
  /** With `skipped-keys`, what `acknowledgeSkippedKeys` takes, if a crash can be the reason. */
  readonly skipped?: SkippedKeys | undefined
}

export type AuditFindingCode =
  /** A line was changed after it was written. */
  | 'altered'
  /** One or more records are missing before this line. */
  | 'removed'
  /** The line is where another record belongs: moved, repeated or added. */
  | 'out-of-order'
  /** The record is chained to a record other than the one before it. */
  | 'broken-chain'
  /** Two records continue one: two histories. */
  | 'forked'
  /** The line does not have the form of a record. */
  | 'no-record'
  /** The trail ends before a record that is known to have been written. */
  | 'cut-off'
  /** A record's hash differs from the one kept elsewhere. */
  | 'rewritten'
  /** A record has no seal, or one that was not made with its key. */
  | 'forged'
  /** A record is sealed with a key that did not exist yet when it was written. */
  | 'future-key'
  /** Keys were used for records that are not there: lost in a crash, or removed. */
  | 'skipped-keys'
  /** A record is sealed with a key that was not given. */
  | 'unknown-key'
  /** What was given as an acknowledgement was not made with the first key. */
  | 'bad-acknowledgement'
  /** The log signed two trees of one size: two histories. */
  | 'split-view'
  /** What was given as a checkpoint is not one of this log, or has a signature that does not fit. */
  | 'bad-checkpoint'
  /** Fewer witnesses than are needed cosigned a checkpoint. */
  | 'not-cosigned'

/** Findings that are kept; the others are counted. */
const MAX_FINDINGS = 100

/** What was found, the first hundred. */
export class Findings {
  readonly #first: AuditFinding[] = []
  #count = 0

  get first(): readonly AuditFinding[] {
    return this.#first
  }

  get count(): number {
    return this.#count
  }

  add(finding: AuditFinding): void {
    this.#count++
    if (this.#first.length < MAX_FINDINGS) this.#first.push(finding)
  }
}
