import { EncodeError } from './encode-error.js'
import { checkShape } from './encode-shape.js'
import { encodeV1 } from './encode-v1.js'
import { encodeV2 } from './encode-v2.js'
import type { EncodeOptions, HeaderInput } from './header-input.js'

/**
 * The bytes of a PROXY header, to be sent in one piece before the first byte of the connection.
 *
 * Throws `EncodeError`, with what to write instead, for everything the specification has no form
 * for; what it returns, `decode` accepts. If one address is IPv4 and the other IPv6, the IPv4 one
 * is written as IPv4-mapped IPv6, family INET6 or TCP6. LOCAL is written without addresses, and
 * with the family byte 0x00, as is everything else that has none.
 */
export function encodeHeader(header: HeaderInput, options?: EncodeOptions): Uint8Array {
  checkShape(header)
  const unknown = Object.keys(options ?? {}).find((name) => name !== 'crc32c')
  if (unknown !== undefined) {
    throw new EncodeError(
      'header-field',
      `${unknown} is not an option: write crc32c, or leave it out`,
    )
  }
  const crc32c: unknown = options?.crc32c
  if (crc32c !== undefined && typeof crc32c !== 'boolean') {
    throw new EncodeError('header-field', `crc32c ${String(crc32c)}: write true or false`)
  }
  if (header.version === 1) return encodeV1(header, options)
  if (header.version === 2) return encodeV2(header, options)
  throw new EncodeError(
    'header-field',
    `version ${String(header.version)}: write 1 or 2`,
    'version',
  )
}
