export type { Conflict } from './explain/conflict.js'
export {
  CLAIM_HEADERS,
  type ExplainedRequest,
  type Explanation,
  explain,
} from './explain/explain.js'
export { type FormatOptions, formatExplanation, type LineKind } from './explain/format.js'
export type { IgnoredClaim, IgnoredWhy } from './explain/ignored-claim.js'
export { printable, UNPRINTABLE } from './explain/printable.js'
export type {
  Confidence,
  Platform,
  PlatformHeader,
  PlatformParameter,
  PlatformRanges,
  PlatformRule,
  PlatformSource,
} from './platforms/platform.js'
export { platforms } from './platforms/platforms.js'
export {
  type Place,
  POLICY_ERROR_CODES,
  PolicyError,
  type PolicyErrorCode,
  type PolicyProblem,
} from './policy/error.js'
export { LINT_CODES, type LintCode, type LintFinding, lint } from './policy/lint.js'
export type {
  HopRule,
  HopsOptions,
  OriginalPart,
  PlatformEntry,
  PlatformOptions,
  PolicyOptions,
  ProxyProtocolSettings,
  TrustOptions,
} from './policy/options.js'
export type { LiveRanges, PeerMatcher, RangesStatus } from './policy/peers.js'
export { definePolicy, Policy, type PolicyStatus } from './policy/policy.js'
export type { Hop, PolicySnapshot, ProxyProtocolPolicy } from './policy/snapshot.js'
export {
  fromTrustProxy,
  type TrustProxyOptions,
  type TrustProxyValue,
} from './policy/trust-proxy.js'
export type { ProviderSnapshot } from './ranges/provider-snapshot.js'
export { providers } from './ranges/providers.js'
export type { PolicyCounters, PolicyCounts } from './request/counters.js'
export type { Evidence, HeaderFields } from './walk/evidence.js'
export type {
  ClientIdentity,
  ResolvedIdentity,
  ResolvedReason,
  UndeterminedIdentity,
  UndeterminedReason,
} from './walk/identity.js'
export { resolve } from './walk/resolve.js'
export type { WalkStep } from './walk/trace.js'
