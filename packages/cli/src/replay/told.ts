import { connectionRefusal, type Policy, resolve } from '@truehop/identity'
import type { Sample } from '../evidence/sample.js'
import { type Answer, refusedFor } from './outcome.js'

/** A header is missing from a log that has none, and that says nothing of the request. */
const MISSING: ReadonlySet<string> = new Set(['header-missing', 'header-required'])

/**
 * Who a recorded request came from, under a policy, or that its connection would be refused; a
 * string that says why where the record cannot tell. What a log never contains is not missing from
 * the request: naming the proxy as the client would be an answer that the service never gave.
 */
export function answerIn(policy: Policy, { evidence, lacksHeaders }: Sample): Answer | string {
  const refusal = connectionRefusal(policy, evidence)
  if (refusal !== undefined) return refusedFor(refusal)
  const identity = resolve(policy, evidence)
  if (MISSING.has(identity.reason) && lacksHeaders === true) return NO_HEADERS
  return identity.reason === 'not-received' ? NO_PROXY_HEADERS : identity
}

const NO_HEADERS = 'contains no headers, but the policy reads one: its client cannot be determined'
const NO_PROXY_HEADERS =
  'contains no PROXY header, but the policy reads one: its client cannot be determined; give it as "proxy" in the record, or by --proxy'
