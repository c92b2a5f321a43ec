import { type ClientIdentity, type Policy, resolve } from '@truehop/identity'
import { parseAddress } from '@truehop/ip'
import type { Sample } from '../evidence/sample.js'

/**
 * Who a recorded request came from, under a policy; a string that says why where the record cannot
 * tell. What a log never holds is not missing from the request: to take the proxy for the client
 * then would be an answer that the service never gave.
 */
export function identityIn(policy: Policy, sample: Sample): ClientIdentity | string {
  const { evidence, lacksHeaders } = sample
  const identity = resolve(policy, evidence)
  if (identity.reason === 'header-missing' && lacksHeaders === true) return NO_HEADERS
  if (identity.reason !== 'not-received') return identity
  // Connections that no rule expects a PROXY header of are told all the same.
  const without = resolve(policy, { ...evidence, proxyHeaders: [] })
  return mayHaveSent(policy, without) ? NO_PROXY_HEADERS : without
}

const NO_HEADERS = 'holds no headers, and the policy reads one: its client cannot be determined'
const NO_PROXY_HEADERS =
  'holds no PROXY header, and the policy reads one: its client cannot be determined; give it as "proxy" in the record, or by --proxy'

function mayHaveSent({ current }: Policy, { nodes, peer }: ClientIdentity): boolean {
  const from = current.proxyProtocol?.from
  return [peer, ...nodes].some((text) => {
    const node = text === 'unix' ? text : parseAddress(text ?? '')
    return node !== undefined && from?.has(node) === true
  })
}
