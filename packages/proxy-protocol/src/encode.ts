import { Buffer } from 'node:buffer'
import { type EncodeOptions, encodeHeader, type HeaderInput } from './wire/index.js'

/**
 * The bytes of a PROXY header, version 1 or 2, as a Buffer; otherwise the same as `encodeHeader`.
 * Throws `EncodeError` for what the specification has no form for.
 */
export function encode(header: HeaderInput, options?: EncodeOptions): Buffer {
  const { buffer, byteOffset, byteLength } = encodeHeader(header, options)
  return Buffer.from(buffer, byteOffset, byteLength)
}
