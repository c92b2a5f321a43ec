/**
 * What brings a policy and a framework's requests together. Without policy files, range feeds, lint
 * and explanations, which an application imports where it needs them.
 */
export { compareAnswers, type Difference } from './comparison.js'
export {
  type EdgeOptions,
  type EdgeSettings,
  edgeSettings,
  type OnUndetermined,
} from './edge-settings.js'
export type { ClientIdentity, ResolvedIdentity, UndeterminedIdentity } from './identity.js'
export { Policy } from './policy.js'
export { type Problem, UNDETERMINED_PROBLEM } from './problem.js'
export type { RawRequest } from './raw-request.js'
export {
  bindRequest,
  bindServer,
  type IdentifiableRequest,
  identityOf,
  POLICY,
  policyOf,
  UnboundRequestError,
} from './request.js'
