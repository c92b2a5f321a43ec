import { namedNode } from '@truehop/forwarded'
import type { Hop, PolicySnapshot } from '../policy/snapshot.js'
import type { Ending, NoClient } from './ending.js'
import type { ResolvedReason, UndeterminedReason } from './identity.js'
import { type ClaimCursor, type Entry, hasNoAddress, type WalkNode } from './node.js'
import type { Position } from './position.js'
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
export function walk(policy: PolicySnapshot, at: Position, trace?: WalkTrace): Ending {
  if (at.received === false && policy.proxyProtocol !== undefined) {
    return noClient(at, 'not-received', undefined, 'proxy-protocol')
  }
  let { node } = at
  if (node === undefined) return noClient(at, 'no-peer')
  const peerFault = hasNoAddress(node) || node.isUnicast() ? undefined : namedNode(node).fault
  if (peerFault !== undefined) return noClient(at, peerFault)
  for (;;) {
    const hop = nextHop(policy, at, node)
    if (hop === undefined) return stop(at, node)
    if (at.hops === policy.maxHops) return noClient(at, 'chain-too-long', hop)
    const entry = take(policy, at, node, hop)
    trace?.push({ node, hop, entry, port: at.port, text: at.cursors[hop.slot]?.element })
    if (entry.endsWalk !== undefined) return client(at, node, entry.endsWalk, hop)
    if (entry.fault !== undefined) return noClient(at, entry.fault, hop)
    node = at.node = entry.address
    at.port = entry.port
    at.via = hop
    if (hop.depth > 0) return client(at, node, 'count', hop)
  }
}

/**
 * The rule whose evidence is read at the node; if there is none, `at` has the rules that trust it.
 */
function nextHop({ hops }: PolicySnapshot, at: Position, node: WalkNode): Hop | undefined {
  for (let i = 0; i < hops.length; i++) {
    const hop = hops[i]
    if (hop === undefined || !hop.from.has(node)) continue
    const claims = at.cursors[hop.slot]
    if (claims?.hasUnread() === true) return hop
    at.trusting ??= hop
    if (hop.original.length > 0) at.vouching ??= hop
    if (hop.required && (claims?.element ?? '') === '') at.missing ??= hop
  }
  return undefined
}

/** Reads the entry that the rule gives, by which the hop has spoken. */
function take({ unmap }: PolicySnapshot, at: Position, node: WalkNode, hop: Hop): Entry {
  const { kind, depth, original, slot } = hop
  at.hops++
  at.passed = { node, hop, before: at.passed }
  at.trusting = at.vouching = at.missing = undefined
  // A hop that may vouch for the request reads HTTP, whatever evidence it names its clients with.
  if (kind !== 'proxy-protocol' || original.length > 0) at.httpHops += depth || 1
  const entry = read(at.cursors[slot], depth)
  if (unmap === undefined || entry.address === undefined) return entry
  return namedNode(unmap(entry.address), entry.port)
}

/** Entries before the `depth`-th unread one are skipped uninterpreted. */
function read(claims: ClaimCursor | undefined, depth: number): Entry {
  for (let passed = 1; passed < depth; passed++) {
    claims?.skip()
    if (claims?.hasUnread() !== true) return TOO_SHORT
  }
  return claims?.read() ?? TOO_SHORT
}

const TOO_SHORT: Entry = { fault: 'chain-too-short' }

/** No rule applies: the node is the client, unless a rule or its kind forbids that. */
function stop(at: Position, node: WalkNode): Ending {
  const { trusting, missing } = at
  if (missing !== undefined) return noClient(at, 'header-required', missing)
  if (trusting !== undefined) {
    return client(at, node, at.hops === 0 ? 'header-missing' : 'chain-exhausted', trusting)
  }
  if (hasNoAddress(node)) return noClient(at, UNTRUSTED[node])
  return client(at, node, at.hops === 0 ? 'peer-untrusted' : 'first-untrusted', at.via)
}

function client(
  at: Position,
  node: WalkNode,
  reason: ResolvedReason,
  rule: Hop | undefined,
): Ending {
  if (hasNoAddress(node)) return noClient(at, ASSERTS_NOTHING[node], rule)
  return { at, address: node, reason, rule, source: at.via?.asserts ?? 'socket' }
}

function noClient(
  at: Position,
  reason: UndeterminedReason,
  rule?: Hop,
  source = rule?.asserts ?? 'socket',
): NoClient {
  return { at, address: undefined, reason, rule, source }
}

const UNTRUSTED = { unix: 'untrusted-unix-peer', event: 'untrusted-event' } as const
const ASSERTS_NOTHING = {
  unix: 'unix-peer-asserts-nothing',
  event: 'event-asserts-nothing',
} as const
