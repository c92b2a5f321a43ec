import type { ClientIdentity, Evidence, Policy } from '../src/portable.js'
import { conflictsOf, settle } from '../src/walk/ignored-claims.js'
import { walkAgain } from '../src/walk/last-walk.js'
import { identityFrom } from '../src/walk/outcome.js'

/** As `resolve`, with what a connection remembers: the way of a request. */
export function resolveAgain(
  { current }: Policy,
  evidence: Evidence,
  connection: object | undefined,
): ClientIdentity {
  const walked = walkAgain(current, evidence, connection)
  const conflicts = conflictsOf(current, evidence, walked)
  return identityFrom(settle(current, walked, conflicts), evidence)
}
