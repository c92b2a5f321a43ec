import type { Head } from './chain.js'
import type { KeptCheckpoints } from './checkpoints/kept-checkpoints.js'
import type { AuditFinding } from './findings.js'

export interface VerifyAuditOptions {
  /**
   * Heads kept outside the trail (`trail.head`, `anchor`). Only they show that the end was cut off
   * or the whole trail rewritten. Each must be in the trail.
   */
  readonly anchors?: readonly Head[] | undefined
  /**
   * K0 of each key file that records were sealed with, in hexadecimal digits. Every record must then
   * be sealed. Without it, seals are not looked at.
   */
  readonly keys?: readonly string[] | undefined
  /**
   * What operators said of keys that were skipped, by `acknowledgeSkippedKeys`: texts of one line or
   * more. Needs `keys`. The records that they are about must be in the trail.
   */
  readonly acknowledged?: readonly string[] | undefined
  /**
   * Checkpoints that were kept outside the trail, which must be given from its first record on: each
   * must be signed, be cosigned by as many of the witnesses as are needed, and fit the records.
   */
  readonly checkpoints?: KeptCheckpoints | undefined
  /** The head of the file before the first one given. Without it, the trail may start anywhere. */
  readonly after?: Head | undefined
}

/** What is found about the records of one trail. */
export interface TrailReport {
  /** No finding. Says nothing about what came after `last` unless an anchor was given. */
  readonly ok: boolean
  readonly records: number
  /** Lines that a crash left unfinished and the next start accounted for. */
  readonly torn: number
  /** Whether the first record starts a trail (true) or continues one that was not given. */
  readonly complete: boolean
  readonly last: Head | undefined
  /** Whether the last record says that the trail was closed: if not, it goes on, crashed or was cut. */
  readonly closed: boolean
  /**
   * The last record that a head or a checkpoint kept elsewhere shows to be the one that was written,
   * and with it all before: what comes after it may have been cut off or written anew.
   */
  readonly confirmed: number | undefined
  /** Records with a seal, which only `keys` can check. */
  readonly sealed: number
  /** What operators have acknowledged: keys that were skipped by a crash. The first hundred. */
  readonly acknowledged: readonly AuditFinding[]
  /** The first hundred. */
  readonly findings: readonly AuditFinding[]
  readonly findingCount: number
}

export interface AuditReport extends TrailReport {
  /** The ids of first keys that were given and that no record is sealed with. */
  readonly unusedKeys: readonly string[]
}
