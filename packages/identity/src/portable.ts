export { type ConnectionRefusal, connectionRefusal } from './explain/connection-refusal.js'
export { type Explanation, explain } from './explain/explain.js'
export { type FormatOptions, formatExplanation, type LineKind } from './explain/format.js'
export { questionsOf, type RuleAnswers } from './explain/questions.js'
export type { Platform } from './platforms/platform.js'
export { platforms } from './platforms/platforms.js'
export {
  type Place,
  PolicyError,
  type PolicyErrorCode,
  type PolicyProblem,
} from './policy/error.js'
export { type LintCode, type LintFinding, lint } from './policy/lint.js'
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
export type { LiveRanges } from './policy/peers.js'
export { definePolicy, Policy, type PolicyStatus } from './policy/policy.js'
export type { Hop, PolicySnapshot } from './policy/snapshot.js'
export { fromTrustProxy, type TrustProxyOptions } from './policy/trust-proxy.js'
export { providers } from './ranges/providers.js'
export type { PolicyCounts } from './request/counters.js'
export type { Evidence, HeaderFields } from './walk/evidence.js'
export type {
  ClientIdentity,
  ResolvedIdentity,
  ResolvedReason,
  UndeterminedIdentity,
  UndeterminedReason,
} from './walk/identity.js'
export type { Conflict, IgnoredClaim } from './walk/ignored-claims.js'
export { resolve } from './walk/resolve.js'
export type { ConnectionTlvs } from './walk/tlvs.js'
export type { WalkStep } from './walk/trace.js'
