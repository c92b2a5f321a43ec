export type { AuditOptions } from './audit/audit-options.js'
export { AuditTrail, auditTrail } from './audit/audit-trail.js'
export type { Head } from './audit/chain.js'
export {
  type AuditFinding,
  type AuditFindingCode,
  type AuditReport,
  type AuditSource,
  type VerifyAuditOptions,
  verifyAudit,
} from './audit/verify.js'
export type { Fields } from './fields/fields.js'
export { LOG_ERROR_CODES, LogError, type LogErrorCode } from './log-error.js'
export type { AccessLogOptions, Level, Logger, SpanLike } from './options.js'
export { type AddressPrivacy, addressPrivacy } from './privacy/address-privacy.js'
export type { AddressForm, HmacOptions, PrivacyOptions } from './privacy/privacy-options.js'
export { AccessLog, type AccessRecord } from './record/access-log.js'
export type { DecisionNote, Exchange } from './record/exchange.js'
