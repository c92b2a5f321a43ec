import type { ProxyHeader } from './header.js'

/** Why a sequence that starts like a PROXY header is not one. Each has a heading in docs/errors.md. */
export type MalformedCode =
  | 'v1_malformed'
  | 'v1_bad_family'
  | 'v1_bad_address'
  | 'v1_bad_port'
  | 'v1_bad_terminator'
  | 'v1_too_long'
  | 'v2_bad_version'
  | 'v2_bad_command'
  | 'v2_bad_family'
  | 'v2_bad_transport'
  | 'v2_short_address'
  | 'v2_too_long'
  | 'datagram_truncated'
  | 'tlv_truncated'
  | 'unique_id_too_long'
  | 'ssl_tlv_malformed'
  | 'crc_bad_length'
  | 'crc_duplicate'
  | 'crc_mismatch'

/** A whole header; `byteLength` is its length, and what follows is the connection's payload. */
export interface Complete {
  readonly status: 'complete'
  readonly header: ProxyHeader
  readonly byteLength: number
}

/** Everything so far may be the start of a header: ask again with more bytes. */
export interface Incomplete {
  readonly status: 'incomplete'
}

/** These bytes are not a PROXY header, and no bytes after them can make them one. */
export interface Absent {
  readonly status: 'absent'
}

/** A PROXY header by its signature, refused by the specification: section 2 asks to abort. */
export interface Malformed {
  readonly status: 'malformed'
  readonly code: MalformedCode
  /** Position of the first byte that is wrong, from the start of the header. */
  readonly offset: number
  /** For people. Bytes of the peer appear in it printable and cut short. */
  readonly message: string
}

export type DecodeResult = Complete | Incomplete | Absent | Malformed

export interface DecodeOptions {
  /**
   * Longest header accepted, in bytes, the 16 fixed bytes of version 2 included. Refused as soon as
   * the length is known, before any of it needs to be buffered. Default: the most that the format
   * allows, 107 for version 1 and 65,551 for version 2.
   */
  readonly maxHeaderBytes?: number | undefined
  /**
   * `'accept'` takes a version 1 line whose source is of the family it states and whose destination
   * is of the other, as nginx writes behind another proxy. Its family is then INET6. `'reject'`
   * (default) is what section 2.1 asks for.
   */
  readonly mixedFamilies?: 'reject' | 'accept' | undefined
  /** What to do with a CRC32C TLV: `verify` (default) refuses a wrong one, section 2.2.3. */
  readonly crc32c?: 'verify' | 'ignore' | undefined
}

export const INCOMPLETE: Incomplete = Object.freeze({ status: 'incomplete' })
export const ABSENT: Absent = Object.freeze({ status: 'absent' })

export function malformed(code: MalformedCode, offset: number, message: string): Malformed {
  return { status: 'malformed', code, offset, message }
}
