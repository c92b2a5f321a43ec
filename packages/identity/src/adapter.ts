/**
 * What brings a policy and a framework's requests together. Without policy files, range feeds, lint
 * and explanations, which an application imports where it needs them.
 */

export { TruehopError } from '@truehop/ip'
export { definePolicy, Policy } from './policy/policy.js'
export {
  type EdgeOptions,
  type EdgeSettings,
  edgeSettings,
  type OnUndetermined,
} from './request/adapter-options.js'
export { guarded } from './request/callback.js'
export { nodesOf } from './request/nodes.js'
export {
  type FastifyResponse,
  type NodeResponse,
  type Problem,
  type ProblemMembers,
  problem,
  sendProblem,
  UNDETERMINED_PROBLEM,
} from './request/problem.js'
export type { RawRequest } from './request/raw-request.js'
export {
  bindRequest,
  bindServer,
  type IdentifiableRequest,
  identityOf,
  POLICY,
  policyOf,
  UnboundRequestError,
} from './request/request.js'
export { compareAnswers, type Difference } from './request/shadow-mode.js'
export { logPolicy } from './request/start-up-log.js'
export { watchHeaderLimits } from './request/truncated-headers.js'
export {
  maskLines,
  type UndeterminedFields,
  undeterminedFields,
} from './request/undetermined-line.js'
export type { ClientIdentity, ResolvedIdentity, UndeterminedIdentity } from './walk/identity.js'
