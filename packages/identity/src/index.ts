export * from './adapter.js'
export type { Collapse, CollapseKind } from './alarm/collapse-alarm.js'
export {
  loadPolicy,
  type PolicyEnvironment,
  placesIn,
  policyFromEnvironment,
  policyFromText,
} from './policy/file.js'
export * from './portable.js'
export { inSlices } from './ranges/in-slices.js'
export { LiveSource, type RangesMessage } from './ranges/live-source.js'
export { rangesFrom } from './ranges/ranges-from.js'
export type {
  FileRangesOptions,
  RangesOptions,
  UrlRangesOptions,
} from './ranges/ranges-options.js'
export type { CollapsedMessage } from './request/collapse.js'
export type {
  ConflictMessage,
  IdentityMessage,
  PolicyReplacedMessage,
  ResolvedMessage,
  UntrustedClaimMessage,
} from './request/observe.js'
