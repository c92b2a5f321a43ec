export type { Conflict } from './conflict.js'
export type { PolicyCounters, PolicyCounts } from './counters.js'
export type { Evidence, HeaderFields } from './evidence.js'
export { CLAIM_HEADERS, type Explanation, explain } from './explain.js'
export { type FormatOptions, formatExplanation, type LineKind } from './format-explanation.js'
export type {
  ClientIdentity,
  ResolvedIdentity,
  ResolvedReason,
  UndeterminedIdentity,
  UndeterminedReason,
} from './identity.js'
export type { IgnoredClaim, IgnoredWhy } from './ignored-claim.js'
export { LINT_CODES, type LintCode, type LintFinding, lint } from './lint.js'
export type { LiveRanges, PeerMatcher, RangesStatus } from './peers.js'
export { definePolicy, Policy, type PolicyStatus } from './policy.js'
export { POLICY_ERROR_CODES, PolicyError, type PolicyErrorCode } from './policy-error.js'
export type {
  HopRule,
  HopsOptions,
  OriginalPart,
  PolicyOptions,
  ProxyProtocolSettings,
  TrustOptions,
} from './policy-options.js'
export type { Hop, PolicySnapshot, ProxyProtocolPolicy } from './policy-snapshot.js'
export { printable, UNPRINTABLE } from './printable.js'
export { type ProviderSnapshot, providers } from './ranges/providers.js'
export { resolve } from './resolve.js'
export type { WalkStep } from './trace.js'
export { fromTrustProxy, type TrustProxyOptions, type TrustProxyValue } from './trust-proxy.js'
