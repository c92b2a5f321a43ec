/**
 * What brings a policy and a framework's requests together: for the packages of this project and for
 * adapters to other frameworks. Without policy files, their parser and explanations, which an
 * application imports where it needs them: this is loaded whenever a service starts.
 */

export { TruehopError } from '@truehop/ip'
export { headerName } from './explain/header-name.js'
export { PolicyError } from './policy/error.js'
export type { HopRule, HopsOptions, PolicyOptions, TrustOptions } from './policy/options.js'
export { definePolicy, Policy } from './policy/policy.js'
export { fetchList } from './ranges/fetch-list.js'
export { FileTurn } from './ranges/file-turn.js'
export { inSlices } from './ranges/in-slices.js'
export { scanJson } from './ranges/json-scan.js'
export {
  optionalList as jsonOptionalList,
  record as jsonRecord,
  value as jsonValue,
} from './ranges/json-shape.js'
export { type CopyToKeep, type KeptCopy, keptCopyIn, writeKept } from './ranges/kept-copy.js'
export { type ListBytes, textOf } from './ranges/list-bytes.js'
export { FollowedFile } from './ranges/list-file.js'
export { Pace } from './ranges/pace.js'
export { rangesFrom } from './ranges/ranges-from.js'
export { withDeadline } from './ranges/with-deadline.js'
export { within } from './ranges/within.js'
export { type EdgeOptions, edgeSettings, type OnUndetermined } from './request/adapter-options.js'
export { guarded, immediate } from './request/callback.js'
export {
  type Problem,
  type ProblemMembers,
  problem,
  sendProblem,
  UNDETERMINED_PROBLEM,
} from './request/problem.js'
export { type RawRequest, watchHeaderLimits } from './request/read-evidence.js'
export {
  bindRequest,
  bindServer,
  type IdentifiableRequest,
  identityOf,
  POLICY,
  policyOf,
  UnboundRequestError,
} from './request/request.js'
export { routeOptionsOf } from './request/route-options.js'
export { compareAnswers } from './request/shadow-mode.js'
export { logPolicy } from './request/start-up-log.js'
export { maskLines, undeterminedFields } from './request/undetermined-line.js'
export type { ClientIdentity, ResolvedIdentity, UndeterminedIdentity } from './walk/identity.js'
export { CLAIM_HEADERS } from './walk/ignored-claims.js'
