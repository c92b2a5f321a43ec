export { crc32c } from './crc32c.js'
export { type CompleteDatagram, type DatagramResult, decodeDatagram } from './datagram.js'
export { decode } from './decode.js'
export { encodeHeader } from './encode.js'
export { EncodeError, type EncodeErrorCode } from './encode-error.js'
export type {
  Command,
  Endpoint,
  Family,
  InetEndpoint,
  ProxyHeader,
  Tlv,
  Transport,
  UnixEndpoint,
} from './header.js'
export type { EncodeOptions, HeaderInput } from './header-input.js'
export type {
  Absent,
  Complete,
  DecodeOptions,
  DecodeResult,
  Incomplete,
  Malformed,
  MalformedCode,
} from './result.js'
export type { SslView } from './ssl.js'
export { SslSubtype, TlvType } from './tlv.js'
export { type TlvViews, tlvViews } from './views.js'
