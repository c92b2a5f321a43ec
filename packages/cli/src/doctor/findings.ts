import type { Policy } from '@truehop/identity'
import { contractFindings } from './contract-findings.js'
import type { Examination } from './examine.js'
import type { DoctorFinding } from './finding.js'
import { forgedFindings } from './forged-findings.js'
import { headerFindings } from './header-findings.js'
import { policyFindings } from './policy-findings.js'

/** What an examination comes to. */
export function findingsOf(examination: Examination, policy: Policy | undefined): DoctorFinding[] {
  return [
    ...contractFindings(examination),
    ...headerFindings(examination),
    ...(policy === undefined ? forgedFindings(examination) : policyFindings(examination, policy)),
  ]
}
