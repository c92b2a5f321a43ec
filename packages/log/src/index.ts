export { AccessLog, type AccessRecord, type Logger } from './access-log.js'
export {
  type AddressForm,
  type AddressPrivacy,
  addressPrivacy,
  type PrivacyOptions,
} from './address-privacy.js'
export type { DecisionNote, Exchange } from './exchange.js'
export type { Fields } from './fields/fields.js'
export { LOG_ERROR_CODES, LogError, type LogErrorCode } from './log-error.js'
export type { AccessLogOptions, Level, SpanLike } from './options.js'
export type { HmacOptions } from './period-key.js'
