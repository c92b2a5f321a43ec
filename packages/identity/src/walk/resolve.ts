import { explainSnapshot } from '../explain/explain.js'
import type { Policy } from '../policy/policy.js'
import type { Evidence } from './evidence.js'
import type { ClientIdentity } from './identity.js'
import { Position } from './position.js'
import { walk } from './walk.js'

/**
 * The client identity that the evidence gives under the policy. Pure; never throws on evidence:
 * what cannot be used makes the identity `undetermined`, with the reason.
 */
export function resolve(policy: Policy, evidence: Evidence): ClientIdentity {
  const { current } = policy
  return current.onConflict === 'reject'
    ? explainSnapshot(current, evidence).identity
    : walk(current, new Position(evidence, current))
}
