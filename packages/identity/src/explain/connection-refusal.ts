import { type Address, PeerSet, parseAddress } from '@truehop/ip'
import type { ProxyHeader } from '@truehop/proxy-protocol/wire'
import type { Policy } from '../policy/policy.js'
import type { ProxyProtocolPolicy } from '../policy/snapshot.js'
import type { Evidence } from '../walk/evidence.js'

/** A connection that never becomes a request: the receiver of PROXY headers refuses it. */
export interface ConnectionRefusal {
  /**
   * As the receiver names it, or `header-in-payload` where it would leave a header unread and the
   * server would refuse that as a request.
   */
  readonly reason:
    | 'untrusted-peer'
    | 'missing'
    | 'http-without-header'
    | 'tls-without-header'
    | 'version-not-accepted'
    | 'header-in-payload'
  /** What happens, and the setting that would change it. */
  readonly message: string
}

/**
 * Why `acceptProxyProtocol` with the policy's settings would refuse the connection that this
 * evidence comes from; undefined if it would let it through, if the policy has no `proxy-protocol`
 * rule, and if the evidence is of no connection. Without `proxyHeaders` only the peer is judged: it
 * is not known then what it sent. Never throws on evidence.
 */
export function connectionRefusal(
  policy: Policy,
  evidence: Evidence,
): ConnectionRefusal | undefined {
  const settings = policy.current.proxyProtocol
  const { peer, proxyHeaders, received } = evidence
  const node = peer === 'unix' ? peer : parseAddress(peer ?? '')
  if (settings === undefined || node === undefined || received === false) return undefined
  const isChecker = node !== 'unix' && isHealthChecker(settings, node)
  if (!settings.from.has(node)) {
    if (!isChecker && settings.direct !== 'accept') return stranger(peer)
    return proxyHeaders?.length ? unread(peer, 'no rule expects a header from it') : undefined
  }
  if (proxyHeaders === undefined) return undefined
  if (proxyHeaders.length === 0) {
    return isChecker || settings.optional === true ? undefined : missing(evidence)
  }
  return headersRefusal(settings, peer, proxyHeaders)
}

function isHealthChecker({ healthCheckFrom }: ProxyProtocolPolicy, peer: Address): boolean {
  return healthCheckFrom !== undefined && PeerSet.from(healthCheckFrom).has(peer)
}

/** In the order in which the receiver reads them. */
function headersRefusal(
  { versions = [1, 2], maxHeaders = 1, from }: ProxyProtocolPolicy,
  peer: string | undefined,
  headers: readonly ProxyHeader[],
): ConnectionRefusal | undefined {
  for (const [index, { version, source }] of headers.entries()) {
    if (!versions.includes(version)) {
      const message = `${peer} sends a PROXY header of version ${version}, which proxyProtocol.versions does not allow`
      return { reason: 'version-not-accepted', message }
    }
    if (index + 1 === headers.length) return undefined
    if (index + 1 >= maxHeaders) {
      return unread(
        peer,
        `the receiver reads ${maxHeaders}, set proxyProtocol: { maxHeaders: ${headers.length} }`,
      )
    }
    const next = source !== undefined && 'address' in source ? source.address : ''
    const sender = parseAddress(next)
    if (sender === undefined || !from.has(sender)) {
      return unread(peer, `the one before it names ${next || 'nobody'}, who may not send one`)
    }
  }
  return undefined
}

function stranger(peer: string | undefined): ConnectionRefusal {
  const message = `${peer} is named by no proxy-protocol rule: if it is a proxy, name it in from; if clients may connect without one, set proxyProtocol: { direct: 'accept' }`
  return { reason: 'untrusted-peer', message }
}

function missing({ peer, encrypted, headers }: Evidence): ConnectionRefusal {
  const isHttp = headers !== undefined && Object.keys(headers).length > 0
  const reason =
    encrypted === true ? 'tls-without-header' : isHttp ? 'http-without-header' : 'missing'
  const message = `${peer} has to send a PROXY header first, and sends none: make it send one; if it may leave it out, set proxyProtocol: { optional: true }`
  return { reason, message }
}

function unread(peer: string | undefined, why: string): ConnectionRefusal {
  const message = `a PROXY header of ${peer} stays unread, and the server takes it for the request: ${why}`
  return { reason: 'header-in-payload', message }
}
