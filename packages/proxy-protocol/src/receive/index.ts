export { acceptProxyProtocol, type ProxyProtocolHandle } from './accept.js'
export { AcceptError, type AcceptErrorCode } from './accept-error.js'
export type { AcceptOptions, PeerMembership } from './accept-options.js'
export type { AcceptedMessage, RefusedMessage } from './channels.js'
export type { AcceptCounters } from './counters.js'
export {
  type ConnectionEvidence,
  captureEvidence,
  type EvidenceSource,
  proxyEvidence,
} from './evidence.js'
export { FewLines } from './few-lines.js'
export type { Refusal, RefusalReason } from './refusal.js'
export { type RefusalLogger, type RefusalLogOptions, refusalLog } from './refusal-log.js'
