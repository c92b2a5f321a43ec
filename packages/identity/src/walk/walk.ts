import type { Hop, PolicySnapshot } from '../policy/snapshot.js'
import type { ResolvedReason } from './identity.js'
import { hasNoAddress, type WalkNode } from './node.js'
import { type Decided, Resolved, Undetermined } from './outcome.js'
import type { Position } from './position.js'
import { stepOf, type WalkTrace } from './trace.js'

/**
 * The trust decision.
 *
 *     client            edge                            load balancer
 *     198.51.100.7 ──>  173.245.48.9  ───────────────>  10.0.0.5  ──────>  this server
 *          ▲                  ▲                            ▲
 *          │                  │                            └ the socket peer: start here
 *          │                  └ named by the PROXY header that 10.0.0.5 sent: 1st entry
 *          └ named by the cf-connecting-ip that 173.245.48.9 sent: 2nd entry
 *
 * Start at the socket peer. At each node, take the first rule, in policy order, whose `from`
 * contains the node and whose asserted evidence still has an unread entry. Read that entry: it
 * is the next node. Where no rule applies, the node is the client.
 *
 * So nothing from a node that no rule trusts is ever read; text left of the entry that was read
 * last can neither change nor spoil the answer; and an entry that names no address ends the walk
 * without an answer, because the hop that sent it is known to be a proxy and not the client.
 *
 * Pure, and never throws on evidence. Time is linear in the text read, which `maxHops` bounds.
 * `trace`, when given, receives every step: the explanation of a walk is the walk itself.
 */
export function walk(policy: PolicySnapshot, at: Position, trace?: WalkTrace): Decided {
  let node = at.node
  if (at.evidence.received === false && policy.proxyProtocol !== undefined) {
    return new Undetermined(at, 'not-received', undefined, node, 'proxy-protocol')
  }
  const { peerFault } = at
  if (node === undefined || peerFault !== undefined) {
    return new Undetermined(at, peerFault ?? 'no-peer', undefined, node)
  }
  for (;;) {
    const hop = nextHop(policy, at, node)
    if (hop === undefined) return stop(at, node)
    if (at.hops === policy.maxHops) return new Undetermined(at, 'chain-too-long', hop, node)
    const entry = at.take(hop)
    trace?.push(stepOf(at, node, hop, entry))
    if (entry.endsWalk !== undefined) return client(at, node, entry.endsWalk, hop)
    if (entry.fault !== undefined) return new Undetermined(at, entry.fault, hop, node)
    node = entry.address
    at.follow(hop, node, entry.port)
    if (hop.depth > 0) return client(at, node, 'count', hop)
  }
}

/**
 * The rule whose evidence is read at the node; where there is none, `at` has the rules that trust
 * it.
 */
function nextHop({ hops }: PolicySnapshot, at: Position, node: WalkNode): Hop | undefined {
  at.trusting = undefined
  at.vouching = undefined
  at.missing = undefined
  for (let i = 0; i < hops.length; i++) {
    const hop = hops[i]
    if (hop === undefined || !hop.from.has(node)) continue
    if (at.hasUnread(hop)) return hop
    at.trusting ??= hop
    if (hop.original.length > 0) at.vouching ??= hop
    if (hop.required && at.isAbsent(hop)) at.missing ??= hop
  }
  return undefined
}

/** No rule applies: the node is the client, unless a rule or its kind forbids that. */
function stop(at: Position, node: WalkNode): Decided {
  const { trusting, missing } = at
  if (missing !== undefined) return new Undetermined(at, 'header-required', missing, node)
  if (trusting !== undefined) {
    return client(at, node, at.hops === 0 ? 'header-missing' : 'chain-exhausted', trusting)
  }
  if (hasNoAddress(node)) return new Undetermined(at, UNTRUSTED[node], undefined, node)
  return client(at, node, at.hops === 0 ? 'peer-untrusted' : 'first-untrusted', at.via)
}

function client(
  at: Position,
  node: WalkNode,
  reason: ResolvedReason,
  rule: Hop | undefined,
): Decided {
  return hasNoAddress(node)
    ? new Undetermined(at, ASSERTS_NOTHING[node], rule, node)
    : new Resolved(at, at.found(node, reason, rule))
}

const UNTRUSTED = { unix: 'untrusted-unix-peer', event: 'untrusted-event' } as const
const ASSERTS_NOTHING = {
  unix: 'unix-peer-asserts-nothing',
  event: 'event-asserts-nothing',
} as const
