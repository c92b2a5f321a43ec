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
  const ended = walkAgain(current, evidence, connection)
  const conflicts = conflictsOf(current, evidence, ended)
  return identityFrom(ended, evidence, settle(current, conflicts))
}
