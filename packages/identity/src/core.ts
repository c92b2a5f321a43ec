export type { Conflict } from './conflict.js'
export type { PolicyCounters, PolicyCounts } from './counters.js'
export type { Evidence, HeaderFields } from './evidence.js'
export {
  CLAIM_HEADERS,
  type Explanation,
  explain,
  type IgnoredClaim,
  type IgnoredWhy,
} from './explain.js'
export { type FormatOptions, formatExplanation, type LineKind } from './format-explanation.js'
export type {
  ClientIdentity,
  ResolvedIdentity,
  ResolvedReason,
  UndeterminedIdentity,
  UndeterminedReason,
} from './identity.js'
export { LINT_CODES, type LintCode, type LintFinding, lint } from './lint.js'
export type { LiveRanges, PeerMatcher, RangesStatus } from './peers.js'
export {
  definePolicy,
  type Hop,
  type HopRule,
  type HopsOptions,
  type OriginalPart,
  Policy,
  type PolicyOptions,
  type PolicySnapshot,
  type PolicyStatus,
  type ProxyProtocolPolicy,
  type ProxyProtocolSettings,
  type TrustOptions,
} from './policy.js'
export { POLICY_ERROR_CODES, PolicyError, type PolicyErrorCode } from './policy-error.js'
export { type ProviderSnapshot, providers } from './ranges/providers.js'
export { resolve } from './resolve.js'
export type { WalkStep } from './trace.js'
export { fromTrustProxy, type TrustProxyOptions, type TrustProxyValue } from './trust-proxy.js'
