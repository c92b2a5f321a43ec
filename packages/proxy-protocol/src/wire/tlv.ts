import { copyOf, EMPTY, hexByte, u8, u16, u32 } from './bytes.js'
import { headerChecksum } from './crc32c.js'
import type { Tlv } from './header.js'
import { type DecodeOptions, type Malformed, malformed } from './result.js'

/** Registered types, section 2.2, and three vendors' types from the custom range. */
export const TlvType = Object.freeze({
  ALPN: 0x01,
  AUTHORITY: 0x02,
  CRC32C: 0x03,
  NOOP: 0x04,
  UNIQUE_ID: 0x05,
  SSL: 0x20,
  NETNS: 0x30,
  /** Google Cloud, Private Service Connect. */
  GOOGLE_PSC: 0xe0,
  /** Amazon Web Services, subtyped by the first byte of the value. */
  AWS: 0xea,
  /** Microsoft Azure, subtyped by the first byte of the value. */
  AZURE: 0xee,
})

/** Types inside the SSL TLV, section 2.2.6. */
export const SslSubtype = Object.freeze({
  VERSION: 0x21,
  CN: 0x22,
  CIPHER: 0x23,
  SIG_ALG: 0x24,
  KEY_ALG: 0x25,
  GROUP: 0x26,
  SIG_SCHEME: 0x27,
  CLIENT_CERT: 0x28,
})

/** Type and length before each value. */
export const TLV_HEAD_BYTES = 3
/** Bytes of the SSL value before its sub-TLVs: the client bits and the verify result. */
export const SSL_HEAD_BYTES = 5
/** Longest UNIQUE_ID, section 2.2.5. */
export const UNIQUE_ID_MAX_BYTES = 128

/**
 * The TLVs in `bytes[start..end)`, in order, or why they are refused. They share no memory with
 * `bytes`. A vector that reaches beyond `end`, or one or two bytes left over, refuse the whole
 * header: a sender that miscounts here may have miscounted the addresses.
 */
export function readTlvs(
  bytes: Uint8Array,
  start: number,
  end: number,
  checksum?: DecodeOptions['crc32c'],
): readonly Tlv[] | Malformed {
  const block = copyOf(bytes, start, end)
  const tlvs = splitTlvs(block)
  if (typeof tlvs === 'number') return truncated(block, tlvs, start)
  let at = start
  let checksumAt = -1
  for (const tlv of tlvs) {
    const valueAt = at + TLV_HEAD_BYTES
    const fault = valueFault(tlv, valueAt)
    if (fault !== undefined) return fault
    // Not `=== 'verify'`: a misspelt value must not turn the check off.
    if (tlv.type === TlvType.CRC32C && checksum !== 'ignore') {
      if (tlv.value.length !== 4) return badChecksumLength(tlv, valueAt)
      if (checksumAt >= 0) return malformed('crc_duplicate', at, 'a second CRC32C TLV')
      checksumAt = valueAt
    }
    at = valueAt + tlv.value.length
  }
  return checksumAt < 0 ? tlvs : (checksumFault(bytes, checksumAt, end) ?? tlvs)
}

/**
 * The vectors that `block` consists of, as views of it; or, if it ends inside one, the position of
 * that one.
 */
export function splitTlvs(block: Uint8Array, start = 0): Tlv[] | number {
  const tlvs: Tlv[] = []
  let at = start
  while (at < block.length) {
    const valueAt = at + TLV_HEAD_BYTES
    if (valueAt > block.length) return at
    const next = valueAt + u16(block, at + 1)
    if (next > block.length) return at
    const value = next === valueAt ? EMPTY : block.subarray(valueAt, next)
    tlvs.push({ type: u8(block, at), value })
    at = next
  }
  return tlvs
}

/** What the specification forbids inside a value; `valueAt` is where the value is. */
export function valueFault({ type, value }: Tlv, valueAt: number): Malformed | undefined {
  if (type === TlvType.UNIQUE_ID && value.length > UNIQUE_ID_MAX_BYTES) {
    const message = `a unique id of ${value.length} bytes, the limit is ${UNIQUE_ID_MAX_BYTES}`
    return malformed('unique_id_too_long', valueAt, message)
  }
  return type === TlvType.SSL ? sslFault(value, valueAt) : undefined
}

function sslFault(value: Uint8Array, valueAt: number): Malformed | undefined {
  if (value.length < SSL_HEAD_BYTES) {
    const message = `an SSL TLV of ${value.length} bytes, at least ${SSL_HEAD_BYTES} are needed`
    return malformed('ssl_tlv_malformed', valueAt, message)
  }
  const inner = splitTlvs(value, SSL_HEAD_BYTES)
  if (typeof inner !== 'number') return undefined
  return malformed('ssl_tlv_malformed', valueAt + inner, 'a sub-TLV reaches beyond the SSL TLV')
}

function truncated(block: Uint8Array, at: number, start: number): Malformed {
  const left = block.length - at
  const message =
    left < TLV_HEAD_BYTES
      ? `${left} bytes left over after the last TLV`
      : `TLV 0x${hexByte(u8(block, at))} of ${u16(block, at + 1)} bytes has only ${left - TLV_HEAD_BYTES} left`
  return malformed('tlv_truncated', start + at, message)
}

function badChecksumLength({ value }: Tlv, valueAt: number): Malformed {
  return malformed('crc_bad_length', valueAt, `a CRC32C of ${value.length} bytes, expected 4`)
}

function checksumFault(bytes: Uint8Array, at: number, end: number): Malformed | undefined {
  const sent = u32(bytes, at)
  const computed = headerChecksum(bytes, at, end)
  if (sent === computed) return undefined
  const message = `CRC32C ${hexWord(sent)} in the header, ${hexWord(computed)} computed`
  return malformed('crc_mismatch', at, message)
}

function hexWord(word: number): string {
  return `0x${word.toString(16).padStart(8, '0')}`
}
