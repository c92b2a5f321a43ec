import { ABSENT, type DecodeOptions, type DecodeResult, INCOMPLETE } from './result.js'
import { decodeV1, V1_FIRST_BYTE } from './v1.js'
import { decodeV2, V2_FIRST_BYTE } from './v2.js'

/**
 * Decodes the PROXY header at the start of `bytes`, which are everything a connection has sent so
 * far. Version 1 and version 2 differ in their first byte, section 2.2.
 *
 * Returns `complete`, `incomplete` (also for no bytes at all), `absent` or `malformed`, and never
 * throws, whatever the bytes are. The answer for a given start does not change when more bytes
 * follow, except from `incomplete`. Nothing in a complete header shares memory with `bytes`.
 *
 * The caller decides who may send a header at all (section 2: never guess); this function only
 * reads.
 */
export function decode(bytes: Uint8Array, options?: DecodeOptions): DecodeResult {
  if (bytes.length === 0) return INCOMPLETE
  const first = bytes[0]
  if (first === V2_FIRST_BYTE) return decodeV2(bytes, options)
  if (first === V1_FIRST_BYTE) return decodeV1(bytes, options)
  return ABSENT
}
