import type { Policy } from '../policy/policy.js'
import type { Evidence } from '../walk/evidence.js'
import { checkShape } from '../walk/evidence-shape.js'
import type { ClientIdentity } from '../walk/identity.js'
import {
  type Conflict,
  conflictsOf,
  type IgnoredClaim,
  ignoredClaims,
  settle,
} from '../walk/ignored-claims.js'
import { type OriginalRequest, originalRequest } from '../walk/original-request.js'
import { identityFrom } from '../walk/outcome.js'
import type { Position } from '../walk/position.js'
import { type WalkStep, WalkTrace } from '../walk/trace.js'
import { walk } from '../walk/walk.js'

/** A whole walk. */
export interface Explanation {
  readonly identity: ClientIdentity
  /** Every entry read, in order, from the socket peer outwards. */
  readonly steps: readonly WalkStep[]
  readonly ignored: readonly IgnoredClaim[]
  /** Ignored claims that came through a trusted hop and contradict the walk. */
  readonly conflicts: readonly Conflict[]
  /** Where scheme and host come from. */
  readonly original: ExplainedRequest
}

/** Scheme and host of the request, which header gave each, and which were not believed. */
export interface ExplainedRequest extends OriginalRequest {
  /** Headers that say something about scheme, host or port but gave none of them. */
  readonly ignored: readonly string[]
}

/**
 * The whole walk of `resolve(policy, evidence)`: each node, the rule that trusts it, the entry
 * read, and every claim that was ignored with the reason. Never throws on evidence.
 *
 * @throws {TypeError} for an argument of another shape, such as a peer that is an object.
 */
export function explain(policy: Policy, evidence: Evidence): Explanation {
  checkShape(evidence)
  const { current } = policy
  const trace = new WalkTrace()
  const ended = walk(current, evidence, trace)
  const conflicts = conflictsOf(current, evidence, ended)
  const contradiction = settle(current, conflicts)
  return {
    identity: identityFrom(ended, evidence, contradiction),
    steps: trace.steps,
    ignored: ignoredClaims(current, evidence, ended),
    conflicts,
    original: explainedRequest(ended, evidence, contradiction !== undefined),
  }
}

const ORIGINAL_HEADERS = ['x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port'] as const

function explainedRequest(
  ended: Position,
  evidence: Evidence,
  isContradicted: boolean,
): ExplainedRequest {
  const request = originalRequest(ended, evidence, isContradicted)
  const { protocolSource, hostSource, portSource } = request
  const used = [protocolSource, hostSource, portSource]
  const said = ORIGINAL_HEADERS.filter((name) => evidence.headers?.[name] !== undefined)
  return { ...request, ignored: said.filter((name) => !used.includes(name)) }
}
