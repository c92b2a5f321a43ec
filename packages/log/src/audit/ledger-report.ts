import type { TrailReport, VerifyAuditOptions } from './audit-report.js'
import type { Head } from './chain.js'
import type { LedgerCheckpoints } from './checkpoints/kept-checkpoints.js'
import type { AuditFinding } from './findings.js'

/** What one process wrote. */
export interface LedgerTrail extends TrailReport {
  /** The random name in its first record; undefined where that is not there. */
  readonly trail: string | undefined
}

export interface LedgerReport {
  /** No finding in any trail, and none about all of them. */
  readonly ok: boolean
  readonly records: number
  /** In the order of their first records. */
  readonly trails: readonly LedgerTrail[]
  /** What belongs to no trail. The first hundred. */
  readonly findings: readonly AuditFinding[]
  readonly findingCount: number
  /** What was given and found in no trail: one that it is of may have been removed altogether. */
  readonly unused: UnusedEvidence
}

export interface UnusedEvidence {
  /** The ids of first keys that no record is sealed with. */
  readonly keys: readonly string[]
  /** Heads of files before those given that no record continues. */
  readonly after: readonly Head[]
}

export interface VerifyLedgerOptions
  extends Pick<VerifyAuditOptions, 'keys' | 'anchors' | 'acknowledged'> {
  /** Checkpoints of the trails, which must be given from their first records on. */
  readonly checkpoints?: LedgerCheckpoints | undefined
  /** Heads of files before those given: records that continue them are not late. */
  readonly after?: readonly Head[] | undefined
  /**
   * Trails may begin later than with their first record, as their earlier files are gone. Default
   * false: a record that continues one that is not there is a finding.
   */
  readonly partial?: boolean | undefined
}
