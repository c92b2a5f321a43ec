import { channel } from 'node:diagnostics_channel'
import { parseAddress } from '@truehop/ip'
import type { ClientIdentity } from '../walk/identity.js'
import { type IdentifiableRequest, identityOf, policyOf } from './request.js'

/**
 * What a framework's own `trust proxy` says about a request; Express's and Fastify's requests have
 * these members.
 */
export interface FrameworkAnswer {
  readonly ip?: string | undefined
  readonly protocol: string
  /** Without the port, or with it. */
  readonly hostname?: string | undefined
}

/** A request for which the framework's `trust proxy` and the policy give different answers. */
export interface Difference {
  readonly request: IdentifiableRequest
  /** What the walk says. */
  readonly identity: ClientIdentity
  /** What the framework says: RFC 5952 text if it is an address, otherwise unchanged. */
  readonly trustProxy: string | undefined
  /** What the framework says about the scheme, and about the host without its port. */
  readonly protocol: string
  readonly host: string | undefined
  /** In which of the three the answers differ. */
  readonly differs: readonly ('ip' | 'protocol' | 'host')[]
}

const DIFFERENCE = channel('truehop.identity.difference')

/**
 * Compares the framework's own answers for client, scheme and host with the walk's, and reports a
 * difference on the channel `truehop.identity.difference`, in the counters of the policy, and to
 * `onDifference`, which must not throw. Changes neither answer.
 */
export function compareAnswers(
  request: IdentifiableRequest,
  framework: FrameworkAnswer,
  onDifference: ((difference: Difference) => void) | undefined,
): void {
  const identity = identityOf(request)
  const trustProxy = canonical(framework.ip)
  const host = nameOf(framework.hostname)
  const answers = [
    ['ip', identity.ip !== undefined && identity.ip === trustProxy],
    ['protocol', identity.protocol === framework.protocol],
    ['host', nameOf(identity.host) === host],
  ] as const
  const differs = answers.flatMap(([what, isSame]) => (isSame ? [] : [what]))
  if (differs.length === 0) return
  policyOf(request)?.counters.countDifference()
  const { protocol } = framework
  const difference: Difference = { request, identity, trustProxy, protocol, host, differs }
  DIFFERENCE.publish(difference)
  onDifference?.(difference)
}

/** Frameworks give the string as received: another spelling is not another client. */
function canonical(ip: string | undefined): string | undefined {
  return ip === undefined ? undefined : (parseAddress(ip)?.text ?? ip)
}

/** A host without its port, in lower case; frameworks differ in whether they have one. */
function nameOf(host: string | undefined): string | undefined {
  return host === undefined || host === '' ? undefined : host.toLowerCase().replace(/:\d*$/, '')
}
