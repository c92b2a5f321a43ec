import { headerChecksum } from './crc32c.js'
import { inetPair, missing, refuseEndpoints } from './encode-address.js'
import { EncodeError } from './encode-error.js'
import type { Endpoint, Tlv } from './header.js'
import type { EncodeOptions, HeaderInput } from './header-input.js'
import { TLV_HEAD_BYTES, TlvType, valueFault } from './tlv.js'
import { FAMILIES, PATH_BYTES, SIGNATURE, TRANSPORTS, V2_PREAMBLE_BYTES } from './v2.js'

const MAX_BLOCK_BYTES = 65535
const CHECKSUM: Tlv = Object.freeze({ type: TlvType.CRC32C, value: new Uint8Array(4) })
const utf8 = new TextEncoder()

/** Section 2.2; the layout is drawn in v2.ts. */
export function encodeV2(header: HeaderInput, options?: EncodeOptions): Uint8Array {
  const addresses = addressBlock(header)
  const tlvs = withChecksum(header.tlvs ?? [], options)
  refuseUnplacedTlvs(header, addresses, tlvs)
  const blockBytes = tlvs.reduce(
    (sum, { value }) => sum + TLV_HEAD_BYTES + value.length,
    addresses.length,
  )
  if (blockBytes > MAX_BLOCK_BYTES) {
    const message = `${blockBytes} bytes of addresses and TLVs: send at most ${MAX_BLOCK_BYTES}`
    throw new EncodeError('header-length', message)
  }

  const bytes = new Uint8Array(V2_PREAMBLE_BYTES + blockBytes)
  bytes.set(SIGNATURE)
  bytes.set([commandByte(header), familyByte(header, addresses)], 12)
  bytes.set([blockBytes >> 8, blockBytes & 0xff], 14)
  bytes.set(addresses, V2_PREAMBLE_BYTES)
  const checksumAt = writeTlvs(bytes, V2_PREAMBLE_BYTES + addresses.length, tlvs)
  if (checksumAt >= 0) {
    new DataView(bytes.buffer).setUint32(
      checksumAt,
      headerChecksum(bytes, checksumAt, bytes.length),
    )
  }
  return bytes
}

function commandByte({ command }: HeaderInput): number {
  if (command === 'PROXY') return 0x21
  if (command === 'LOCAL') return 0x20
  throw new EncodeError(
    'header-field',
    `command ${String(command)}: write 'PROXY' or 'LOCAL'`,
    'command',
  )
}

/** 0x00 wherever no addresses follow: receivers such as Squid refuse a family without its addresses. */
function familyByte(header: HeaderInput, addresses: Uint8Array): number {
  const family = FAMILIES.indexOf(header.family)
  if (family < 0) {
    const message = `family ${String(header.family)}: write 'INET', 'INET6', 'UNIX' or 'UNSPEC'`
    throw new EncodeError('header-field', message, 'family')
  }
  const transport = TRANSPORTS.indexOf(header.transport)
  if (transport < 0) {
    const message = `transport ${String(header.transport)}: write 'STREAM', 'DGRAM' or 'UNSPEC'`
    throw new EncodeError('header-field', message, 'transport')
  }
  if (addresses.length === 0) return 0
  const promoted = header.family === 'INET' && addresses.length === 36
  return ((promoted ? 2 : family) << 4) | transport
}

/** No bytes at all if nothing counts: the sender should set the length to zero, section 2.2. */
function addressBlock(header: HeaderInput): Uint8Array {
  const { command, family, transport, source, destination } = header
  if (command === 'LOCAL' || family === 'UNSPEC' || transport === 'UNSPEC') {
    refuseEndpoints(header)
    return new Uint8Array(0)
  }
  if (family === 'UNIX') {
    const block = new Uint8Array(2 * PATH_BYTES)
    block.set(pathBytes(source, 'source'))
    block.set(pathBytes(destination, 'destination'), PATH_BYTES)
    return block
  }
  const pair = inetPair(family, source, destination)
  const size = pair.source.length
  const block = new Uint8Array(2 * size + 4)
  block.set(pair.source)
  block.set(pair.destination, size)
  const view = new DataView(block.buffer)
  view.setUint16(2 * size, pair.sourcePort)
  view.setUint16(2 * size + 2, pair.destinationPort)
  return block
}

function pathBytes(end: Endpoint | undefined, side: string): Uint8Array {
  if (end === undefined) throw missing(side)
  const path: unknown = 'path' in end ? end.path : undefined
  const bytes = typeof path === 'string' && isPathText(path) ? utf8.encode(path) : undefined
  if (bytes !== undefined && bytes.length <= PATH_BYTES) return bytes
  const message = `${side} path ${JSON.stringify(path)}: write at most ${PATH_BYTES} bytes of UTF-8 without NUL`
  throw new EncodeError('unix-path', message, `${side}.path`)
}

/** NUL would end the path early for the receiver; a lone surrogate has no UTF-8 form. */
function isPathText(path: string): boolean {
  return !path.includes('\0') && !/\p{Surrogate}/u.test(path)
}

function withChecksum(tlvs: readonly Tlv[], options?: EncodeOptions): readonly Tlv[] {
  tlvs.forEach(refuseTlv)
  const checksums = tlvs.filter(({ type }) => type === TlvType.CRC32C)
  if (checksums.length > 1 || checksums.some(({ value }) => value.length !== 4)) {
    throw new EncodeError('tlv-value', 'write at most one CRC32C TLV, of 4 bytes')
  }
  return options?.crc32c === true && checksums.length === 0 ? [...tlvs, CHECKSUM] : tlvs
}

function refuseTlv(tlv: Tlv, at: number): void {
  const { type, value } = tlv
  const isType = Number.isInteger(type) && type >= 0 && type <= 255
  if (!isType || !(value instanceof Uint8Array) || value.length > MAX_BLOCK_BYTES) {
    const message = `TLV ${String(type)}: write a type from 0 to 255 and a Uint8Array of at most ${MAX_BLOCK_BYTES} bytes`
    throw new EncodeError('tlv-value', message, `tlvs[${at}]`)
  }
  const fault = valueFault(tlv, 0)
  if (fault !== undefined) throw new EncodeError('tlv-value', fault.message, `tlvs[${at}]`)
}

/**
 * TLVs start after the addresses that the family byte announces. After a family without its
 * addresses, a receiver would look for them in the wrong place.
 */
function refuseUnplacedTlvs(
  header: HeaderInput,
  addresses: Uint8Array,
  tlvs: readonly Tlv[],
): void {
  if (tlvs.length === 0 || addresses.length > 0 || header.family === 'UNSPEC') return
  const message = `TLVs without addresses: write family 'UNSPEC' instead of '${header.family}'`
  throw new EncodeError('tlv-position', message)
}

/** Returns where the four bytes of the checksum are, still to be computed, or -1. */
function writeTlvs(bytes: Uint8Array, start: number, tlvs: readonly Tlv[]): number {
  let at = start
  let checksumAt = -1
  for (const { type, value } of tlvs) {
    bytes.set([type, value.length >> 8, value.length & 0xff], at)
    at += TLV_HEAD_BYTES
    bytes.set(value, at)
    if (type === TlvType.CRC32C) checksumAt = at
    at += value.length
  }
  return checksumAt
}
