import type { ProbeName } from './probe.js'

/** What is wrong with a listener, or worth knowing. Each has a heading in docs/errors.md. */
export type DoctorCode =
  | 'no-service'
  | 'no-verdict'
  | 'speaks-tls'
  | 'header-optional'
  | 'one-version'
  | 'local-refused'
  | 'unknown-refused'
  | 'split-refused'
  | 'slow-refused'
  | 'checksum-unchecked'
  | 'unknown-tlv-refused'
  | 'second-header-read'
  | 'garbage-served'
  | 'header-inside-tls'
  | 'forged-header-believed'
  | 'shows-headers'
  | 'client-not-seen'
  | 'plain-checks-fail'
  | 'checker-exempt'
  | 'policy-contract'
  | 'policy-identity'

export interface DoctorFinding {
  readonly code: DoctorCode
  /** `error`: does not work, or names the wrong client. `warning`: may. `info`: worth a look. */
  readonly severity: 'error' | 'warning' | 'info'
  /** The probe that was answered wrongly; undefined if it concerns the contract. */
  readonly probe: ProbeName | undefined
  /** What was seen, and what to change. */
  readonly message: string
}

export function finding(
  code: DoctorCode,
  severity: DoctorFinding['severity'],
  message: string,
  probe?: ProbeName,
): DoctorFinding {
  return { code, severity, probe, message }
}
