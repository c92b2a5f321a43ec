export { encode } from './encode.js'
export type { PeerMembership, ProxyVersion } from './receive/accept-options.js'
export type { AcceptedMessage, RefusedMessage } from './receive/channels.js'
export {
  DatagramFlows,
  type DatagramFlowsOptions,
  type DatagramRefusal,
  type DatagramSender,
  type FlowDatagram,
} from './receive/datagram-flows.js'
export type { ConnectionEvidence, EvidenceSource } from './receive/evidence.js'
export {
  type AcceptCounters,
  AcceptError,
  type AcceptErrorCode,
  type AcceptOptions,
  acceptProxyProtocol,
  type ProxyProtocolHandle,
  proxyEvidence,
  type RefusalLogger,
  refusalLog,
} from './receive/index.js'
export type { Refusal, RefusalReason } from './receive/refusal.js'
export type { RefusalLogOptions } from './receive/refusal-log.js'
export {
  type ProxyAgentOptions,
  ProxyHttpAgent,
  ProxyHttpsAgent,
  type ProxyRequestOptions,
} from './send/agent.js'
export { type ProxyConnectOptions, proxyConnect } from './send/connect.js'
export { proxyConnector } from './send/connector.js'
export { forwardTlvs, headerFor, LOCAL_HEADER } from './send/headers.js'
export {
  type DatagramResult,
  type DecodeOptions,
  type DecodeResult,
  decode,
  decodeDatagram,
  decodeSimpleProxyProtocol,
  EncodeError,
  type EncodeErrorCode,
  type EncodeOptions,
  type Endpoint,
  type HeaderInput,
  type MalformedCode,
  type ProxyHeader,
  type SimpleProxyDatagram,
  SslSubtype,
  type Tlv,
  TlvType,
  type TlvViews,
  tlvViews,
} from './wire/index.js'
