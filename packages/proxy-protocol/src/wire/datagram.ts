import type { ProxyHeader } from './header.js'
import { ABSENT, type Absent, type DecodeOptions, type Malformed, malformed } from './result.js'
import { decodeV2, SIGNATURE, V2_FIRST_BYTE } from './v2.js'

/** A datagram with its header. `payload` is a view of the message, perhaps of no bytes. */
export interface CompleteDatagram {
  readonly status: 'complete'
  readonly header: ProxyHeader
  readonly byteLength: number
  readonly payload: Uint8Array
}

export type DatagramResult = CompleteDatagram | Absent | Malformed

/**
 * Decodes one UDP message that starts with a version 2 header, as every message of a relayed flow
 * does: a datagram has no connection that could remember a header. Version 1 is for streams, so
 * here it is `absent`. A message that ends inside its header is `malformed`, since nothing will
 * follow. Never throws.
 *
 * Check the sender of the datagram first, and make sure that nobody else can reach the port: a UDP
 * source is easily forged.
 */
export function decodeDatagram(message: Uint8Array, options?: DecodeOptions): DatagramResult {
  if (message[0] !== V2_FIRST_BYTE) return ABSENT
  const result = decodeV2(message, options)
  if (result.status === 'complete') {
    return { ...result, payload: message.subarray(result.byteLength) }
  }
  if (result.status !== 'incomplete') return result
  if (message.length < SIGNATURE.length) return ABSENT
  return malformed('datagram_truncated', message.length, 'the datagram ends inside the header')
}
