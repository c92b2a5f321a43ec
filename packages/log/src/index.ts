export type {
  Anchor,
  AuditOptions,
  CheckpointOptions,
  WitnessOptions,
} from './audit/audit-options.js'
export type { AuditReport, TrailReport, VerifyAuditOptions } from './audit/audit-report.js'
export { type AuditTrail, auditTrail } from './audit/audit-trail.js'
export type { Head } from './audit/chain.js'
export { createCheckpointKey } from './audit/checkpoints/create-key.js'
export type { KeptCheckpoints, LedgerCheckpoints } from './audit/checkpoints/kept-checkpoints.js'
export type { AuditFinding } from './audit/findings.js'
export {
  type Acknowledgement,
  acknowledgeSkippedKeys,
  type SkippedKeys,
} from './audit/keys/acknowledgement.js'
export { createAuditKey } from './audit/keys/audit-keys.js'
export { verifyLedger } from './audit/ledger.js'
export type { LedgerFile, LedgerSource } from './audit/ledger-files.js'
export type {
  LedgerReport,
  LedgerTrail,
  UnusedEvidence,
  VerifyLedgerOptions,
} from './audit/ledger-report.js'
export type { AuditSource } from './audit/lines.js'
export type { AuditSink, SinkListener, SinkRecord } from './audit/sinks/audit-sink.js'
export { type LogEmitter, openTelemetrySink } from './audit/sinks/open-telemetry-sink.js'
export type { Facility, StructuredData } from './audit/sinks/syslog-message.js'
export type { SyslogOptions } from './audit/sinks/syslog-options.js'
export { syslogSink } from './audit/sinks/syslog-sink.js'
export { verifyAudit } from './audit/verify.js'
export type { AboutClient, ClientKnowledge } from './fields/about.js'
export { LogError, type LogErrorCode } from './log-error.js'
export type { AccessLogOptions, Logger } from './options.js'
export { type AddressPrivacy, addressPrivacy } from './privacy/address-privacy.js'
export type { PrivacyOptions } from './privacy/privacy-options.js'
