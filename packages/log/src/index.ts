export type { AuditOptions } from './audit/audit-options.js'
export { type AuditTrail, auditTrail } from './audit/audit-trail.js'
export type { Head } from './audit/chain.js'
export type { KeptCheckpoints } from './audit/checkpoints/checkpoint-check.js'
export { createCheckpointKey } from './audit/checkpoints/create-key.js'
export { createAuditKey } from './audit/keys/audit-keys.js'
export {
  type AuditFinding,
  type AuditReport,
  type AuditSource,
  type VerifyAuditOptions,
  verifyAudit,
} from './audit/verify.js'
export type { AboutClient, ClientKnowledge } from './fields/about.js'
export { LogError, type LogErrorCode } from './log-error.js'
export type { AccessLogOptions, Logger } from './options.js'
export { type AddressPrivacy, addressPrivacy } from './privacy/address-privacy.js'
export type { PrivacyOptions } from './privacy/privacy-options.js'
