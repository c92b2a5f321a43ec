import { type Policy, resolve } from '@truehop/identity'
import { PeerSet, parseAddress } from '@truehop/ip'
import type { Contract } from './contract.js'
import { answerTo, type Examination, type Probed } from './examine.js'
import { type DoctorFinding, finding } from './finding.js'
import { namedIn, showsHeaders } from './named.js'
import { CLAIMS, readHeader } from './probe.js'

/** Where the listener and the policy do not agree. */
export function policyFindings(examination: Examination, policy: Policy): DoctorFinding[] {
  const contract = policyContract(examination, policy)
  // Under another contract every name differs, and each would say the same again.
  if (contract.some(({ code }) => code === 'policy-contract')) return contract
  const probed = [...examination.probed.values()]
  return [...contract, ...probed.flatMap((one) => misnamed(one, examination, policy))]
}

/** Whether the policy expects of this machine what the listener does. */
function policyContract({ contract, probed }: Examination, policy: Policy): DoctorFinding[] {
  const machine = machineOf(probed, policy)
  const exempt = machine.isChecker ? [finding('checker-exempt', 'info', EXEMPT)] : []
  const due = dueHeader(policy, machine)
  if (due === contract.header) return exempt
  const words = {
    none: 'no header',
    optional: 'an optional header',
    required: 'a required header',
    unknown: 'that this machine is refused',
  }
  const seen = { ...words, unknown: 'that nothing was served' }
  return [
    ...exempt,
    finding(
      'policy-contract',
      'error',
      `the policy says ${words[due]} for ${machine.address}, and the listener shows ${seen[contract.header]}: it uses another policy, or something is in front of it`,
    ),
  ]
}

const EXEMPT =
  'this machine is in proxyProtocol.healthCheckFrom, so it need not send a header; probe from another machine to see how the rest are treated'

/** What the policy takes the probing machine for. */
interface Machine {
  readonly address: string
  readonly isSender: boolean
  readonly isChecker: boolean
}

export function machineOf(probed: Examination['probed'], policy: Policy): Machine {
  const peer = parseAddress(answerTo(probed, 'no-header').localAddress ?? '')
  if (peer === undefined) return { address: 'this machine', isSender: false, isChecker: false }
  const { healthCheckFrom = [] } = policy.current.proxyProtocol ?? {}
  return {
    address: peer.text,
    isSender: policy.proxySenders.has(peer),
    isChecker: PeerSet.from(healthCheckFrom).has(peer),
  }
}

/** What the policy has a listener expect of a peer, as `acceptProxyProtocol` does. */
function dueHeader(policy: Policy, { isSender, isChecker }: Machine): Contract['header'] {
  const { proxyProtocol } = policy.current
  if (proxyProtocol === undefined) return 'none'
  if (isSender) return isChecker || proxyProtocol.optional === true ? 'optional' : 'required'
  return isChecker || proxyProtocol.direct === 'accept' ? 'none' : 'unknown'
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
