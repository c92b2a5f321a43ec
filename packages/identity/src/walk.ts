import { type Address, parseAddress } from '@truehop/ip'
import { Claims } from './claims.js'
import type { Evidence } from './evidence.js'
import type { ClientIdentity, ResolvedReason, UndeterminedReason } from './identity.js'
import type { Hop, PolicySnapshot } from './policy.js'
import type { WalkTrace } from './trace.js'

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
 * `trace`, when given, is told every step: the explanation of a walk is the walk itself.
 */
export function walk(
  policy: PolicySnapshot,
  evidence: Evidence,
  claims: Claims = new Claims(policy, evidence),
  trace?: WalkTrace,
): ClientIdentity {
  const peer = evidence.peer === 'unix' ? 'unix' : parsePeer(evidence.peer)
  if (peer === undefined) return NO_PEER
  const at: Position = { peer, node: peer, port: evidence.peerPort, via: undefined, hops: 0 }
  for (;;) {
    const hop = nextHop(policy, claims, at.node)
    if (hop === undefined) return stop(policy, claims, at)
    if (at.hops === policy.maxHops) return undetermined(at, 'chain-too-long', hop)
    at.hops++
    const entry = hop.depth === 0 ? claims.read(hop) : claims.readDepth(hop)
    trace?.push({
      node: at.node.toString(),
      port: at.port,
      rule: hop.name,
      asserts: hop.asserts,
      entry: claims.cursor(hop).element,
      next: entry.address?.text,
      ends: entry.endsWalk ?? entry.fault ?? (hop.depth > 0 ? 'count' : undefined),
    })
    if (entry.endsWalk !== undefined) return client(at, entry.endsWalk, hop)
    if (entry.fault !== undefined) return undetermined(at, entry.fault, hop)
    at.node = entry.address
    at.port = entry.port
    at.via = hop
    if (hop.depth > 0) return client(at, 'count', hop)
  }
}

/** Where the walk stands. `via` is the rule whose evidence named `node`. */
interface Position {
  readonly peer: Address | 'unix'
  node: Address | 'unix'
  port: number | undefined
  via: Hop | undefined
  hops: number
}

function nextHop(policy: PolicySnapshot, claims: Claims, node: Address | 'unix'): Hop | undefined {
  for (const hop of policy.hops) {
    if (hop.from.has(node) && claims.hasUnread(hop)) return hop
  }
  return undefined
}

/** No rule applies: `at.node` is the client, unless a rule or its kind forbids that. */
function stop(policy: PolicySnapshot, claims: Claims, at: Position): ClientIdentity {
  let trusting: Hop | undefined
  for (const hop of policy.hops) {
    if (!hop.from.has(at.node)) continue
    if (hop.required && claims.isAbsent(hop)) return undetermined(at, 'header-required', hop)
    trusting ??= hop
  }
  if (trusting !== undefined) {
    return client(at, at.hops === 0 ? 'header-missing' : 'chain-exhausted', trusting)
  }
  if (at.node === 'unix') return undetermined(at, 'untrusted-unix-peer', undefined)
  return client(at, at.hops === 0 ? 'peer-untrusted' : 'first-untrusted', at.via)
}

function client(at: Position, reason: ResolvedReason, rule: Hop | undefined): ClientIdentity {
  if (at.node === 'unix') return undetermined(at, 'unix-peer-asserts-nothing', rule)
  return {
    status: 'resolved',
    ip: at.node.text,
    address: at.node,
    port: at.port,
    source: at.via === undefined ? 'socket' : at.via.asserts,
    reason,
    rule: rule?.name,
    peer: at.peer.toString(),
    hops: at.hops,
  }
}

function undetermined(
  at: Position,
  reason: UndeterminedReason,
  rule: Hop | undefined,
): ClientIdentity {
  return {
    status: 'undetermined',
    reason,
    source: rule === undefined ? 'socket' : rule.asserts,
    rule: rule?.name,
    lastTrustedHop: rule === undefined ? undefined : at.node.toString(),
    peer: at.peer.toString(),
    hops: at.hops,
  }
}

const NO_PEER: ClientIdentity = Object.freeze({
  status: 'undetermined',
  reason: 'no-peer',
  source: 'socket',
  rule: undefined,
  lastTrustedHop: undefined,
  peer: undefined,
  hops: 0,
})

function parsePeer(peer: string | undefined): Address | undefined {
  return peer === undefined ? undefined : parseAddress(peer)
}
