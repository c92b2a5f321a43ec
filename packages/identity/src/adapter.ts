/**
 * What brings a policy and a framework's requests together. Without policy files, range feeds, lint
 * and explanations, which an application imports where it needs them.
 */

export { Policy } from './policy/policy.js'
export {
  type EdgeOptions,
  type EdgeSettings,
  edgeSettings,
  type OnUndetermined,
} from './request/adapter-options.js'
export { collapseText, onCollapsed } from './request/collapse.js'
export { type Problem, UNDETERMINED_PROBLEM } from './request/problem.js'
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
export type { ClientIdentity, ResolvedIdentity, UndeterminedIdentity } from './walk/identity.js'
