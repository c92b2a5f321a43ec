import { headerText } from '@truehop/forwarded'
import type { Policy } from '../policy/policy.js'
import type { Hop, PolicySnapshot } from '../policy/snapshot.js'
import type { Claims } from '../walk/claims.js'
import type { Evidence } from '../walk/evidence.js'
import type { ClientIdentity } from '../walk/identity.js'
import {
  connectionRequest,
  type OriginalRequest,
  originalRequest,
} from '../walk/original-request.js'
import type { Decided } from '../walk/outcome.js'
import { Position } from '../walk/position.js'
import { describeHeader } from '../walk/proxy-header-cursor.js'
import type { WalkStep } from '../walk/trace.js'
import { walk } from '../walk/walk.js'
import { type Conflict, conflictsOf } from './conflict.js'
import type { IgnoredClaim } from './ignored-claim.js'

/** A walk, laid open. */
export interface Explanation {
  readonly identity: ClientIdentity
  /** Every entry read, in order, from the socket peer outwards. */
  readonly steps: readonly WalkStep[]
  readonly ignored: readonly IgnoredClaim[]
  /** Ignored claims that came through a trusted hop and contradict the walk. */
  readonly conflicts: readonly Conflict[]
  /** Where scheme and host are from. */
  readonly original: ExplainedRequest
}

/** Scheme and host of the request, which header gave each, and which were not believed. */
export interface ExplainedRequest extends OriginalRequest {
  /** Headers that say something of scheme, host or port and gave none of them. */
  readonly ignored: readonly string[]
}

/** Headers in which clients and proxies claim an address, looked at for `ignored` only. */
export const CLAIM_HEADERS = [
  'x-forwarded-for',
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'true-client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-cluster-client-ip',
  'x-envoy-external-address',
  'x-original-forwarded-for',
] as const

const MAX_TEXT = 256

/**
 * The whole walk of `resolve(policy, evidence)`: each node, the rule that trusts it, the entry
 * read, and every claim that was ignored with the reason. Never throws on evidence.
 */
export function explain(policy: Policy, evidence: Evidence): Explanation {
  return explainSnapshot(policy.current, evidence)
}

export function explainSnapshot(policy: PolicySnapshot, evidence: Evidence): Explanation {
  const at = new Position(evidence, policy)
  const steps: WalkStep[] = []
  const decided = walk(policy, at, steps)
  const ignored = ignoredClaims(policy, evidence, at, steps)
  const conflicts = conflictsOf(decided, steps, ignored)
  const identity = settle(policy, decided, conflicts)
  return { identity, steps, ignored, conflicts, original: explainedRequest(at, identity) }
}

const ORIGINAL_HEADERS = ['x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port'] as const

function explainedRequest(at: Position, { reason }: ClientIdentity): ExplainedRequest {
  const request = reason === 'conflicting-evidence' ? connectionRequest(at) : originalRequest(at)
  const { protocolSource, hostSource, portSource } = request
  const used = [protocolSource, hostSource, portSource]
  const said = ORIGINAL_HEADERS.filter((name) => at.evidence.headers?.[name] !== undefined)
  return { ...request, ignored: said.filter((name) => !used.includes(name)) }
}

/** `onConflict: 'reject'`: contradicting evidence makes the identity undetermined. */
function settle(
  policy: PolicySnapshot,
  decided: Decided,
  conflicts: readonly Conflict[],
): ClientIdentity {
  const [conflict] = conflicts
  if (policy.onConflict === 'ignore' || conflict === undefined) return decided
  return decided.status === 'resolved' ? decided.contradictedBy(conflict.source) : decided
}

function ignoredClaims(
  policy: PolicySnapshot,
  evidence: Evidence,
  claims: Claims,
  steps: readonly WalkStep[],
): IgnoredClaim[] {
  const read = new Set(steps.map((step) => step.asserts))
  const ruled = firstHopPerEvidence(policy)
    .filter((hop) => claims.hasUnread(hop))
    .map((hop) => ({
      source: hop.asserts,
      text: excerpt(claims.cursor(hop).unread),
      why: read.has(hop.asserts) ? ('beyond-the-client' as const) : ('sender-untrusted' as const),
    }))
    .filter(({ text }) => text !== '')
  return [...ruled, ...unruled(policy, evidence)]
}

function firstHopPerEvidence(policy: PolicySnapshot): Hop[] {
  return policy.hops.filter((hop, i) => policy.hops.findIndex((h) => h.slot === hop.slot) === i)
}

/** Claims in evidence that no rule reads. */
function unruled(policy: PolicySnapshot, evidence: Evidence): IgnoredClaim[] {
  const claimed = CLAIM_HEADERS.map((name) => ({
    source: name as string,
    text: headerText(evidence.headers?.[name]) ?? '',
  }))
  const proxy = (evidence.proxyHeaders ?? []).map(describeHeader).join(', ')
  return [{ source: 'proxy-protocol', text: proxy }, ...claimed]
    .filter(({ source, text }) => text !== '' && !policy.asserted.includes(source))
    .map(({ source, text }) => ({ source, text: excerpt(text), why: 'no-rule' as const }))
}

/** The end of a list is what the hops nearest to this server wrote. */
function excerpt(text: string): string {
  return text.length > MAX_TEXT ? `…${text.slice(1 - MAX_TEXT)}` : text
}
