import { type ClientIdentity, type Policy, resolve } from '@truehop/identity'
import type { Sample } from '../evidence/sample.js'

/**
 * Who a recorded request came from, under a policy; a string that says why where the record cannot
 * tell. What a log never holds is not missing from the request: to take the proxy for the client
 * then would be an answer that the service never gave.
 */
export function identityIn(
  policy: Policy,
  { evidence, lacksHeaders }: Sample,
): ClientIdentity | string {
  const identity = resolve(policy, evidence)
  if (identity.reason === 'header-missing' && lacksHeaders === true) return NO_HEADERS
  return identity.reason === 'not-received' ? NO_PROXY_HEADERS : identity
}

const NO_HEADERS = 'holds no headers, and the policy reads one: its client cannot be determined'
const NO_PROXY_HEADERS =
  'holds no PROXY header, and the policy reads one: its client cannot be determined; give it as "proxy" in the record, or by --proxy'
