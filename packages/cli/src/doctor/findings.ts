import type { Policy } from '@truehop/identity'
import { contractFindings } from './contract-findings.js'
import type { Examination } from './examine.js'
import type { DoctorFinding } from './finding.js'
import { forgedFindings } from './forged-findings.js'
import { headerFindings } from './header-findings.js'
import { machineOf, policyFindings } from './policy-findings.js'
import { unseenClient } from './unseen-client.js'

/** What an examination amounts to. */
export function findingsOf(examination: Examination, policy: Policy | undefined): DoctorFinding[] {
  if (policy === undefined) {
    return [
      ...contractFindings(examination, false),
      ...headerFindings(examination),
      ...forgedFindings(examination),
      ...unseenClient(examination, 'info'),
    ]
  }
  const isOptional = policy.current.proxyProtocol?.optional === true
  const mayOmit = !isOptional && machineOf(examination.probed, policy).isChecker
  return [
    ...contractFindings(examination, mayOmit),
    ...headerFindings(examination),
    ...policyFindings(examination, policy),
    // Who asks for a comparison must not take silence for agreement.
    ...unseenClient(examination, 'warning'),
  ]
}
