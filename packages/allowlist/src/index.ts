export { Allowlist, defineAllowlist, type Side } from './allowlist.js'
export {
  ALLOWLIST_ERROR_CODES,
  AllowlistError,
  type AllowlistErrorCode,
} from './allowlist-error.js'
export {
  DECISION_CHANNEL,
  type DecisionMessage,
  REPLACED_CHANNEL,
  type ReplacedMessage,
} from './channels.js'
export { type Decision, type DecisionReason, isRefused } from './decision.js'
export type { LiveSource } from './live-source.js'
export type { AllowlistOptions } from './options.js'
export type { ListInput } from './prefix-list.js'
export type { TemporaryEntry } from './temporary-entries.js'
