import { channel } from 'node:diagnostics_channel'
import type { Policy, PolicyStatus } from '../policy/policy.js'
import type { PolicySnapshot } from '../policy/snapshot.js'
import type { Evidence } from '../walk/evidence.js'
import type { ClientIdentity } from '../walk/identity.js'
import type { Conflict } from '../walk/ignored-claims.js'
import type { RawRequest } from './read-evidence.js'

/** What subscribers of the `truehop.identity.*` channels receive. */
export interface IdentityMessage {
  readonly request: RawRequest
  readonly identity: ClientIdentity
}

/** `truehop.identity.untrusted_claim`: a peer that no rule trusts sent evidence all the same. */
export interface UntrustedClaimMessage extends IdentityMessage {
  /** A header's name; PROXY headers of such peers are refused and reported by the receiver. */
  readonly source: string
}

/** `truehop.identity.conflict`: a claim that a trusted hop passed on contradicts the walk. */
export interface ConflictMessage extends IdentityMessage {
  readonly conflicts: readonly Conflict[]
}

/** `truehop.identity.resolved`: every decision, whatever the outcome. */
export interface ResolvedMessage extends IdentityMessage {
  /** What the decision is based on; the headers are the request's own object. */
  readonly evidence: Evidence
  readonly policy: Policy
}

/** `truehop.policy.replaced`: another policy is in force. */
export interface PolicyReplacedMessage {
  readonly policy: Policy
  readonly status: PolicyStatus
}

const REPLACED = channel('truehop.policy.replaced')
const RESOLVED = channel('truehop.identity.resolved')
const UNDETERMINED = channel('truehop.identity.undetermined')
const UNTRUSTED_CLAIM = channel('truehop.identity.untrusted_claim')
const CONFLICT = channel('truehop.identity.conflict')
const CHAIN_LENGTH = channel('truehop.identity.chain_length')

/** Whether contradictions matter: to the policy, or to a subscriber. */
export function looksForConflicts({ onConflict }: PolicySnapshot): boolean {
  return onConflict === 'reject' || CONFLICT.hasSubscribers
}

/** Counts a decision and publishes its anomalies. Costs next to nothing without subscribers. */
export function observe(decided: ResolvedMessage, conflicts: readonly Conflict[]): void {
  const { request, identity, policy } = decided
  const { counters } = policy
  if (identity.status === 'undetermined') {
    counters.countUndetermined(identity.reason)
    UNDETERMINED.publish({ request, identity } satisfies IdentityMessage)
  } else {
    counters.countResolved(identity.reason)
    if (identity.reason === 'peer-untrusted') reportClaims(decided)
  }
  if (counters.countLength(identity.hops)) {
    CHAIN_LENGTH.publish({ request, identity } satisfies IdentityMessage)
  }
  if (conflicts.length > 0 && CONFLICT.hasSubscribers) {
    for (const { source } of conflicts) counters.countConflict(source)
    CONFLICT.publish({ request, identity, conflicts } satisfies ConflictMessage)
  }
  if (RESOLVED.hasSubscribers) RESOLVED.publish(decided)
}

/** Headers that the policy reads, sent by a peer that may not assert them. */
function reportClaims({ policy, request, evidence, identity }: ResolvedMessage): void {
  for (const source of policy.current.asserted) {
    if (
      source === 'proxy-protocol' ||
      source === 'nothing' ||
      evidence.headers?.[source] === undefined
    )
      continue
    policy.counters.countUntrustedClaim(source)
    UNTRUSTED_CLAIM.publish({ request, identity, source } satisfies UntrustedClaimMessage)
  }
}

/** On a policy: registered, so that only one of two copies of this package announces. */
const ANNOUNCED = Symbol.for('truehop.policy-announced/1')

/** From now on, publishes when the policy is replaced. */
export function announceReplacements(policy: Policy): void {
  if (ANNOUNCED in policy) return
  Object.defineProperty(policy, ANNOUNCED, { value: true })
  policy.onReplaced(() => {
    REPLACED.publish({ policy, status: policy.status() } satisfies PolicyReplacedMessage)
  })
}
