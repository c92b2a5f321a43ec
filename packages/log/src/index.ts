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
export type { AccessLogOptions, Level, SpanLike } from './options.js'
export {
  type AddressForm,
  type AddressPrivacy,
  addressPrivacy,
  type PrivacyOptions,
} from './privacy/address-privacy.js'
export type { HmacOptions } from './privacy/period-key.js'
export { AccessLog, type AccessRecord, type Logger } from './record/access-log.js'
export type { DecisionNote, Exchange } from './record/exchange.js'
