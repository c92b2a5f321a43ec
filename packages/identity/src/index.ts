export {
  bindRequest,
  bindServer,
  type EdgeOptions,
  type IdentifiableRequest,
  identityOf,
  type OnUndetermined,
  policyOf,
  type RawRequest,
  TruehopError,
  UnboundRequestError,
} from './adapter.js'
export type { Collapse } from './alarm/collapse-alarm.js'
export {
  type ForwardedHeadersOptions,
  forwardedHeaders,
  writeForwardedHeaders,
} from './forward/forwarded-headers.js'
export { proxyHeaderFor } from './forward/proxy-header-for.js'
export {
  loadPolicy,
  openPolicy,
  policyFromEnvironment,
  policyFromText,
} from './policy/file.js'
export * from './portable.js'
export type { RangesMessage } from './ranges/announcements.js'
export { openRanges, rangesFrom } from './ranges/ranges-from.js'
export type { RangesOptions } from './ranges/ranges-options.js'
export type { CollapsedMessage } from './request/collapse.js'
export type {
  ConflictMessage,
  IdentityMessage,
  PolicyReplacedMessage,
  ResolvedMessage,
  UntrustedClaimMessage,
} from './request/observe.js'
export type { Difference } from './request/shadow-mode.js'
