/** Receiving without sending; `FewLines` is for the packages of this project. */

export { acceptProxyProtocol, type ProxyProtocolHandle } from './accept.js'
export { AcceptError, type AcceptErrorCode } from './accept-error.js'
export type { AcceptOptions } from './accept-options.js'
export type { AcceptCounters } from './counters.js'
export { proxyEvidence } from './evidence.js'
export { FewLines } from './few-lines.js'
export { type RefusalLogger, refusalLog } from './refusal-log.js'
