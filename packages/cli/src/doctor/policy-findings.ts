import { type Policy, resolve } from '@truehop/identity'
import { parseAddress } from '@truehop/ip'
import type { Contract } from './contract.js'
import type { Examination, Probed } from './examine.js'
import { answerTo, type DoctorFinding, finding } from './finding.js'
import { namedIn, showsHeaders } from './named.js'
import { CLAIMS, readHeader } from './probe.js'

/** Where the listener and the policy do not agree. */
export function policyFindings(examination: Examination, policy: Policy): DoctorFinding[] {
  const identities = [...examination.probed.values()].flatMap((one) => {
    return misnamed(one, examination, policy)
  })
  return [...policyContract(examination, policy), ...identities]
}

/** Whether the policy expects of this machine what the listener does. */
function policyContract({ contract, probed }: Examination, policy: Policy): DoctorFinding[] {
  const peer = parseAddress(answerTo(probed, 'no-header').localAddress ?? '')
  const isSender = peer !== undefined && policy.proxySenders.has(peer)
  const due = dueHeader(policy, isSender)
  if (due === contract.header) return []
  const words = {
    none: 'no header',
    optional: 'an optional header',
    required: 'a required header',
    unknown: 'that this machine is refused',
  }
  const seen = { ...words, unknown: 'that nothing was served' }
  return [
    finding(
      'policy-contract',
      'error',
      `the policy says ${words[due]} for ${peer?.text ?? 'this machine'}, and the listener shows ${seen[contract.header]}: it runs under another policy, or something stands before it`,
    ),
  ]
}

/** What the policy has a listener expect of a peer that sends headers, or of another one. */
function dueHeader(policy: Policy, isSender: boolean): Contract['header'] {
  const { proxyProtocol } = policy.current
  if (proxyProtocol === undefined) return 'none'
  if (isSender) return proxyProtocol.optional === true ? 'optional' : 'required'
  return proxyProtocol.direct === 'accept' ? 'none' : 'unknown'
}

/** A served request whose page names another client than the policy. */
function misnamed(
  { probe, answer }: Probed,
  { contract, tls }: Examination,
  policy: Policy,
): DoctorFinding[] {
  const own = answer.localAddress ?? ''
  const named = namedIn(answer.text, [...Object.values(CLAIMS), own])
  if (answer.status === 400 || named.length === 0 || showsHeaders(answer)) return []
  const isRead = contract.versions.length > 0 && probe.name !== 'header-inside-tls'
  const expected = resolve(policy, {
    peer: own,
    headers: probe.headers,
    proxyHeaders: isRead ? probe.proxyHeaders.map(readHeader) : [],
    encrypted: tls,
  })
  const client = expected.status === 'resolved' ? expected.ip : 'undetermined'
  if (named.includes(client)) return []
  return [
    finding(
      'policy-identity',
      'error',
      `the policy names ${client} (${expected.reason}), the page ${named.join(', ')}`,
      probe.name,
    ),
  ]
}
