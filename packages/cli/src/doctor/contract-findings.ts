import { answerText } from './answer.js'
import { uncompared, unheard } from './contract.js'
import { answerTo, type Examination } from './examine.js'
import { type DoctorFinding, finding } from './finding.js'

/**
 * What the contract itself amounts to. `mayOmit`: the policy lets this machine leave the header
 * out, as a health checker.
 */
export function contractFindings(examination: Examination, mayOmit: boolean): DoctorFinding[] {
  const { contract, probed } = examination
  const found = {
    none: [],
    unknown: [unserved(examination)],
    optional: mayOmit ? [] : [finding('header-optional', 'warning', OPTIONAL)],
    required: [finding('plain-checks-fail', 'info', PLAIN_CHECKS)],
  }[contract.header]
  const [version, ...others] = contract.versions
  const only = version !== undefined && others.length === 0 ? [oneVersion(version)] : []
  return [...found, ...only, ...garbage(probed)]
}

const OPTIONAL =
  'served with a header and without one: a client that reaches the port directly, or through a proxy that adds none, can write its own header; require it, and let only the proxies connect'

const PLAIN_CHECKS =
  'a health check that sends no header sees a failure: let checks send one (HAProxy: check-send-proxy), or exempt the checkers (proxyProtocol.healthCheckFrom)'

const COMPARE =
  ', and what the listener expects shows only in comparison; it may limit connections: run this again when there is room for eight'

const LATE =
  ' got no answer in time, though the listener answers others, so there is nothing to compare: run this again with a longer --timeout, or when the listener is less busy'

const IN_THE_CLEAR =
  'nothing was served in the clear, but a TLS handshake succeeds: run this again with --tls'

function unserved({ contract, tls, probed }: Examination): DoctorFinding {
  const missing = uncompared(probed)
  const isThere = [...probed.values()].some(({ answer }) => answer.kind !== 'unreachable')
  if (isThere && missing.length > 0) {
    return finding('no-verdict', 'error', `${missing.join(', ')} got no connection${COMPARE}`)
  }
  const late = unheard(probed)
  if (late.length > 0) return finding('no-verdict', 'error', `${late.join(', ')}${LATE}`)
  if ((contract.tls === 'direct' || contract.tls === 'inside') && !tls)
    return finding('speaks-tls', 'warning', IN_THE_CLEAR)
  const plain = answerText(answerTo(probed, 'no-header'))
  const message = `no request was served, with or without a header; without one: ${plain}`
  return finding('no-service', 'error', message)
}

function oneVersion(version: 1 | 2): DoctorFinding {
  const message = `only version ${version} of the header is read; set the sender to it`
  return finding('one-version', 'info', message)
}

function garbage(probed: Examination['probed']): DoctorFinding[] {
  const answer = answerTo(probed, 'garbage')
  if (answer.status === undefined || answer.status >= 400) return []
  const message = `bytes of no known protocol were answered ${answerText(answer)}`
  return [finding('garbage-served', 'warning', message, 'garbage')]
}
