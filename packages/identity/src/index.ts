export type {
  ConflictMessage,
  IdentityMessage,
  PolicyReplacedMessage,
  ResolvedMessage,
  UntrustedClaimMessage,
} from './anomalies.js'
export { compareAnswers, type Difference } from './comparison.js'
export * from './core.js'
export { type EdgeOptions, type EdgeSettings, edgeSettings, type OnUndetermined } from './edge.js'
export { loadPolicy, type PolicyEnvironment, policyFromEnvironment } from './policy-file.js'
export { type Problem, UNDETERMINED_PROBLEM } from './problem.js'
export { LiveSource, type RangesMessage } from './ranges/live-source.js'
export { rangesFrom } from './ranges/ranges-from.js'
export type {
  FileRangesOptions,
  RangesOptions,
  UrlRangesOptions,
} from './ranges/ranges-options.js'
export {
  bindRequest,
  bindServer,
  type IdentifiableRequest,
  identityOf,
  POLICY,
  policyOf,
  type RawRequest,
  UnboundRequestError,
} from './request.js'
