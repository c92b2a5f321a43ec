import { channel } from 'node:diagnostics_channel'
import { parseAddress } from '@truehop/ip'
import type { ClientIdentity } from '../walk/identity.js'
import { type IdentifiableRequest, identityOf, policyOf } from './request.js'

/** A request for which the framework's `trust proxy` and the policy name different clients. */
export interface Difference {
  readonly request: IdentifiableRequest
  /** What the walk says. */
  readonly identity: ClientIdentity
  /** What the framework says: RFC 5952 text where it is an address, else as it stands. */
  readonly trustProxy: string | undefined
}

const DIFFERENCE = channel('truehop.identity.difference')

/**
 * Compares the framework's own answer with the walk's, and reports a difference on the channel
 * `truehop.identity.difference`, in the counters of the policy, and to `onDifference`, which must
 * not throw. Changes neither answer.
 */
export function compareAnswers(
  request: IdentifiableRequest,
  frameworkIp: string | undefined,
  onDifference: ((difference: Difference) => void) | undefined,
): void {
  const identity = identityOf(request)
  const trustProxy = canonical(frameworkIp)
  if (identity.status === 'resolved' && identity.ip === trustProxy) return
  policyOf(request)?.counters.countDifference()
  const difference: Difference = { request, identity, trustProxy }
  DIFFERENCE.publish(difference)
  onDifference?.(difference)
}

/** Frameworks give the text as it came: another spelling is no other client. */
function canonical(ip: string | undefined): string | undefined {
  return ip === undefined ? undefined : (parseAddress(ip)?.text ?? ip)
}
