import type { Policy } from '../policy/policy.js'
import type { Evidence } from './evidence.js'
import { checkShape } from './evidence-shape.js'
import type { ClientIdentity } from './identity.js'
import { conflictsOf, settle } from './ignored-claims.js'
import { identityFrom } from './outcome.js'
import { walk } from './walk.js'

/**
 * The client identity that the evidence gives under the policy. Pure; never throws on evidence:
 * what cannot be used makes the identity `undetermined`, with the reason.
 *
 * @throws {TypeError} for an argument of another shape, such as a peer that is an object.
 */
export function resolve(policy: Policy, evidence: Evidence): ClientIdentity {
  checkShape(evidence)
  const { current } = policy
  const ended = walk(current, evidence)
  if (current.onConflict === 'ignore') return identityFrom(ended, evidence)
  const conflicts = conflictsOf(current, evidence, ended)
  return identityFrom(ended, evidence, settle(current, conflicts))
}
