import type { Hop, PolicySnapshot } from '../policy/snapshot.js'
import type { Evidence } from './evidence.js'
import type { ResolvedReason, UndeterminedReason } from './identity.js'
import { hasNoAddress, type NoNode } from './node.js'
import { Position } from './position.js'
import { readEntryOf, readPeer } from './read-node.js'
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
 * contains the node and whose asserted evidence still has an unread entry. Read that entry: it is
 * the next node. If no rule applies, the node is the client.
 *
 * So nothing from a node that no rule trusts is ever read; text left of the entry that was read
 * last can neither change nor spoil the answer; and an entry that names no address ends the walk
 * without an answer, because the hop that sent it is known to be a proxy, not the client.
 *
 * Pure, and never throws on evidence. Time is linear in the text read, which `maxHops` bounds.
 * `trace`, when given, receives every step: the explanation of a walk is the walk itself.
 */
export function walk(policy: PolicySnapshot, evidence: Evidence, trace?: WalkTrace): Position {
  const at = new Position(evidence)
  const peerFault = readPeer(at, policy, at)
  if (evidence.received === false && policy.proxyProtocol !== undefined) {
    noClient(at, 'not-received')
  } else if (peerFault !== undefined) {
    noClient(at, peerFault)
  } else {
    follow(policy, at, trace)
  }
  return at.end()
}

/** From node to node, until one is the client or it is clear that none can be. */
function follow(policy: PolicySnapshot, at: Position, trace: WalkTrace | undefined): Position {
  for (;;) {
    const hop = nextHop(policy, at)
    if (hop === undefined) return stop(at)
    if (at.hops === policy.maxHops) return noClient(at, 'chain-too-long', hop)
    trace?.leave(at)
    const instead = take(at, hop)
    trace?.read(at, hop, instead)
    if (instead?.endsWalk !== undefined) return client(at, instead.endsWalk, hop)
    if (instead?.fault !== undefined) return noClient(at, instead.fault, hop)
    at.via = hop
    if (hop.depth > 0) return client(at, 'count', hop)
  }
}

/**
 * The rule whose evidence is read at the node; if there is none, `at` has the rules that trust it.
 */
function nextHop({ hops }: PolicySnapshot, at: Position): Hop | undefined {
  for (let i = 0; i < hops.length; i++) {
    const hop = hops[i]
    if (hop === undefined || !at.isIn(hop.from)) continue
    const claims = at.claimsOf(hop)
    if (claims.hasUnread()) return hop
    at.rule ??= hop
    if (hop.original.length > 0) at.vouching ??= hop
    if (hop.required && claims.element === '' && at.undetermined === undefined) {
      at.undetermined = 'header-required'
      at.rule = hop
    }
  }
  return undefined
}

/**
 * Reads the entry that the rule gives, by which the hop has spoken. The node that it names is the
 * one reached; what it says instead if it names none.
 */
function take(at: Position, hop: Hop): NoNode | undefined {
  at.note(hop)
  at.rule = at.vouching = at.undetermined = undefined
  return readEntryOf(hop, at.opened(hop), at)
}

/** No rule applies: the node is the client, unless a rule or its kind forbids that. */
function stop(at: Position): Position {
  const { rule, other } = at
  if (at.undetermined !== undefined) return at
  if (rule !== undefined) {
    return client(at, at.hops === 0 ? 'header-missing' : 'chain-exhausted', rule)
  }
  if (hasNoAddress(other)) return noClient(at, UNTRUSTED[other])
  return client(at, at.hops === 0 ? 'peer-untrusted' : 'first-untrusted', at.via)
}

function client(at: Position, reason: ResolvedReason, rule: Hop | undefined): Position {
  if (hasNoAddress(at.other)) return noClient(at, ASSERTS_NOTHING[at.other], rule)
  at.resolved = reason
  at.rule = rule
  return at
}

function noClient(at: Position, reason: UndeterminedReason, rule?: Hop): Position {
  at.undetermined = reason
  at.rule = rule
  return at
}

const UNTRUSTED = { unix: 'untrusted-unix-peer', event: 'untrusted-event' } as const
const ASSERTS_NOTHING = {
  unix: 'unix-peer-asserts-nothing',
  event: 'event-asserts-nothing',
} as const
