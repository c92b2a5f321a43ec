import {
  type EntryCursor,
  ForwardedCursor,
  parseHeaderNode,
  XForwardedForCursor,
} from '@truehop/forwarded'
import type { ClientIdentity } from '../walk/identity.js'
import type { WalkStep } from '../walk/trace.js'
import type { IgnoredClaim } from './ignored-claim.js'

/** A claim, passed on by a trusted hop, that names none of the nodes that the walk came by. */
export interface Conflict {
  /** The evidence that disagrees: `'proxy-protocol'` or a header's name. */
  readonly source: string
  /** The address it names nearest to this server: RFC 5952 text. */
  readonly claims: string
}

/** Elements of a list that are compared, from the right. */
const MAX_COMPARED = 16

/**
 * Where pieces of evidence contradict each other: `X-Forwarded-For` against `Forwarded` against a
 * CDN's header against the PROXY header. A claim agrees when it names the client or any node on
 * the way to it; claims that name no address are not compared.
 *
 * Only claims that came through a trusted hop count here: what an untrusted peer claims, what
 * stands left of the client in a list, and headers behind a hop that forwards bytes and knows no
 * HTTP, are the client's own claims, by which no client can lock itself out.
 */
export function conflictsOf(
  identity: ClientIdentity,
  steps: readonly WalkStep[],
  ignored: readonly IgnoredClaim[],
): Conflict[] {
  if (identity.status === 'undetermined' || steps.length === 0) return []
  const nodes = new Set([identity.ip, ...steps.map((step) => step.node)])
  const throughHttp = steps.some((step) => step.asserts !== 'proxy-protocol')
  return ignored.flatMap(({ source, text, why }) => {
    if (why === 'beyond-the-client' || !(throughHttp || source === 'proxy-protocol')) return []
    const claimed = claimedAddresses(source, text)
    const [nearest] = claimed
    if (nearest === undefined || claimed.some((address) => nodes.has(address))) return []
    return [{ source, claims: nearest }]
  })
}

function claimedAddresses(source: string, text: string): string[] {
  if (source === 'forwarded') return fromCursor(new ForwardedCursor(text))
  if (source === 'proxy-protocol') return fromHeaders(text)
  return fromCursor(new XForwardedForCursor(text))
}

function fromCursor(cursor: EntryCursor): string[] {
  const addresses: string[] = []
  for (let i = 0; i < MAX_COMPARED && cursor.hasUnread(); i++) {
    const { address } = cursor.read()
    if (address !== undefined) addresses.push(address.text)
  }
  return addresses
}

function fromHeaders(text: string): string[] {
  return text.split(' ').flatMap((word) => parseHeaderNode(word).address?.text ?? [])
}
