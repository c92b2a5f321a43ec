import { Address } from '@truehop/ip'
import { u16 } from './bytes.js'
import { ABSENT, type Absent, type Malformed, malformed } from './result.js'

/** Client and proxy of a UDP message, and what the client sent. */
export interface SimpleProxyDatagram {
  readonly status: 'complete'
  readonly source: { readonly address: string; readonly port: number }
  readonly destination: { readonly address: string; readonly port: number }
  readonly byteLength: 38
  /** A view of the message, perhaps of no bytes. */
  readonly payload: Uint8Array
}

const MAGIC = 0x56ec
const BYTES = 38

/**
 * Decodes one UDP message that starts with the header of Cloudflare Spectrum's Simple Proxy
 * Protocol, as every message of such an application does. Never throws. The fields, in network byte
 * order (developers.cloudflare.com/spectrum/reference/simple-proxy-protocol-header, read 2026-11-30):
 *
 *     0       2                18               34      36      38
 *     | 56 EC | client address | proxy address  | port  | port  | payload
 *       magic   IPv6, or IPv4-mapped              client  proxy
 *
 * Two bytes are little to go by: call this only if the application is set to send this header, and
 * check who sent the datagram first. A UDP source address is easily forged. Replies have to begin
 * with the same 38 bytes.
 */
export function decodeSimpleProxyProtocol(
  message: Uint8Array,
): SimpleProxyDatagram | Absent | Malformed {
  if (message.length < 2 || u16(message, 0) !== MAGIC) return ABSENT
  if (message.length < BYTES) {
    return malformed('datagram_truncated', message.length, 'the datagram ends inside the header')
  }
  return {
    status: 'complete',
    source: { address: Address.fromBytes(message, 2, 16).text, port: u16(message, 34) },
    destination: { address: Address.fromBytes(message, 18, 16).text, port: u16(message, 36) },
    byteLength: BYTES,
    payload: message.subarray(BYTES),
  }
}
