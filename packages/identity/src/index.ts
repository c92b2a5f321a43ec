export type {
  ConflictMessage,
  IdentityMessage,
  PolicyReplacedMessage,
  ResolvedMessage,
  UntrustedClaimMessage,
} from './anomalies.js'
export * from './core.js'
export * from './edge.js'
export { loadPolicy, type PolicyEnvironment, policyFromEnvironment } from './policy-file.js'
export { LiveSource, type RangesMessage } from './ranges/live-source.js'
export { rangesFrom } from './ranges/ranges-from.js'
export type {
  FileRangesOptions,
  RangesOptions,
  UrlRangesOptions,
} from './ranges/ranges-options.js'
export { Rejections } from './rejections.js'
