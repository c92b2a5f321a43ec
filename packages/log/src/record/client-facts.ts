import type { ClientIdentity } from '@truehop/identity'
import type { Address } from '@truehop/ip'
import type { AddressPrivacy } from '../privacy/address-privacy.js'

/**
 * What a record says about the client and how it was found; addresses in the form they are shown.
 */
export interface ClientFacts {
  /** The client, or `'unknown'`; undefined where addresses are left out. */
  readonly client: string | undefined
  readonly clientPort: number | undefined
  /** The socket peer, `'unix'`, or undefined if it is not known. */
  readonly peer: string | undefined
  readonly peerPort: number | undefined
  readonly status: 'resolved' | 'undetermined' | 'unbound'
  readonly source: string | undefined
  readonly reason: string
  readonly rule: string | undefined
  readonly hops: number | undefined
  readonly lastTrustedHop: string | undefined
  /** What the PROXY header says about the client's connection. */
  readonly tlvs: ClientIdentity['tlvs']
  /** Undefined for full addresses, otherwise how they are hidden. */
  readonly hidden: 'truncated' | 'hmac' | 'none' | undefined
}

/**
 * Ports appear with full addresses only: behind a carrier's NAT, port and time identify one
 * subscriber among all that share the address.
 */
export function clientFacts(
  identity: ClientIdentity | undefined,
  privacy: AddressPrivacy,
): ClientFacts {
  const hidden = privacy.form === 'full' ? undefined : privacy.form
  if (identity === undefined) {
    return { ...UNBOUND, client: hidden === 'none' ? undefined : UNBOUND.client, hidden }
  }
  const resolved = identity.status === 'resolved' ? identity : undefined
  const shows = hidden === undefined
  return {
    client: clientShown(resolved, privacy),
    clientPort: shows ? resolved?.port : undefined,
    peer: privacy.showText(identity.peer),
    peerPort: shows ? identity.peerPort : undefined,
    status: identity.status,
    source: identity.source,
    reason: identity.reason,
    rule: identity.rule,
    hops: identity.hops,
    lastTrustedHop:
      identity.status === 'undetermined' ? privacy.showText(identity.lastTrustedHop) : undefined,
    tlvs: shows ? identity.tlvs : tlvsWithoutAddress(identity.tlvs, privacy),
    hidden,
  }
}

function clientShown(
  resolved: { readonly address: Address } | undefined,
  privacy: AddressPrivacy,
): string | undefined {
  if (privacy.form === 'none') return undefined
  return resolved === undefined ? 'unknown' : privacy.show(resolved.address)
}

/**
 * HAProxy's unique ids usually contain the client's address and port, in a form that no search
 * finds.
 */
function tlvsWithoutAddress(
  tlvs: ClientIdentity['tlvs'],
  privacy: AddressPrivacy,
): ClientIdentity['tlvs'] {
  if (tlvs === undefined) return undefined
  const { uniqueId: _, authority, ...shown } = tlvs
  return authority === undefined ? shown : { ...shown, authority: privacy.redact(authority) }
}

const UNBOUND: ClientFacts = {
  client: 'unknown',
  clientPort: undefined,
  peer: undefined,
  peerPort: undefined,
  status: 'unbound',
  source: undefined,
  reason: 'no-policy',
  rule: undefined,
  hops: undefined,
  lastTrustedHop: undefined,
  tlvs: undefined,
  hidden: undefined,
}
