/**
 * What connections say of their client: kept on them at accept and when their PROXY headers are received,
 * and read by those that decide. Without the receiver.
 */
export {
  type ConnectionEvidence,
  captureAnnounced,
  captureEvidence,
  type EvidenceSource,
  proxyEvidence,
  storeEvidence,
} from './receive/evidence.js'
