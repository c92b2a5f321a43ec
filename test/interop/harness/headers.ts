import { encode, type HeaderInput, LOCAL_HEADER, TlvType } from '@truehop/proxy-protocol'

/** Nobody has these: RFC 5737 and RFC 3849. */
const V4 = '192.0.2.7'
const V6 = '2001:db8::7'

export interface HeaderCase {
  /** Undefined sends none. */
  readonly header: HeaderInput | undefined
  readonly crc32c?: true
  /** Bytes that no encoder of ours writes. */
  readonly bytes?: Buffer
  /**
   * Whom a receiver names by the specification: the source, `self` for the address of the connection
   * itself, or `refused`. Where it leaves a choice, each of them.
   */
  readonly expected: readonly string[]
  /** Where in the specification. */
  readonly section: string
}

const inet = (version: 1 | 2): HeaderInput => ({
  version,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: V4, port: 4711 },
  destination: { address: '198.51.100.1', port: 443 },
})

const inet6 = (version: 1 | 2): HeaderInput => ({
  ...inet(version),
  family: 'INET6',
  source: { address: V6, port: 4711 },
  destination: { address: '2001:db8:1::1', port: 443 },
})

/** A client of the one family that came to an address of the other. */
const mixed = (version: 1 | 2): HeaderInput => ({
  ...inet(version),
  family: 'INET6',
  destination: { address: '2001:db8:1::1', port: 443 },
})

const unspec = (version: 1 | 2): HeaderInput => ({
  version,
  command: 'PROXY',
  family: 'UNSPEC',
  transport: 'UNSPEC',
})

const UNIX: HeaderInput = {
  version: 2,
  command: 'PROXY',
  family: 'UNIX',
  transport: 'STREAM',
  source: { path: '/run/client' },
  destination: { path: '/run/service' },
}

const TLVS: HeaderInput = {
  ...inet(2),
  tlvs: [
    { type: TlvType.AUTHORITY, value: Buffer.from('app.example') },
    { type: TlvType.UNIQUE_ID, value: Buffer.from('id-1') },
    { type: 0xea, value: Buffer.from('\u0001vpce-1') },
  ],
}

function wrongChecksum(): Buffer {
  const bytes = encode(inet(2), { crc32c: true })
  const at = bytes.length - 1
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
  return bytes
}

/** Served, and no address is shown: a client that has none. */
export const NOBODY = 'served, naming nobody'

export type HeaderName =
  | 'none'
  | 'v1 INET'
  | 'v1 INET6'
  | 'v1 mixed'
  | 'v1 UNKNOWN'
  | 'v2 INET'
  | 'v2 INET6'
  | 'v2 mixed'
  | 'v2 UNIX'
  | 'v2 UNSPEC'
  | 'v2 LOCAL'
  | 'v2 TLVs, CRC32C'
  | 'v2 wrong CRC32C'

/** One row of the matrix each. */
export const HEADERS: Readonly<Record<HeaderName, HeaderCase>> = {
  none: { header: undefined, expected: ['refused'], section: '2' },
  'v1 INET': { header: inet(1), expected: [V4], section: '2.1' },
  'v1 INET6': { header: inet6(1), expected: [V6], section: '2.1' },
  'v1 mixed': { header: mixed(1), expected: [V4], section: '2.1' },
  'v1 UNKNOWN': { header: unspec(1), expected: ['self'], section: '2.1' },
  'v2 INET': { header: inet(2), expected: [V4], section: '2.2' },
  'v2 INET6': { header: inet6(2), expected: [V6], section: '2.2' },
  'v2 mixed': { header: mixed(2), expected: [V4], section: '2.2' },
  'v2 UNIX': { header: UNIX, expected: [NOBODY, 'self', 'refused'], section: '2.2' },
  'v2 UNSPEC': { header: unspec(2), expected: ['self'], section: '2.2' },
  'v2 LOCAL': { header: LOCAL_HEADER, expected: ['self'], section: '2.2' },
  'v2 TLVs, CRC32C': { header: TLVS, crc32c: true, expected: [V4], section: '2.2' },
  'v2 wrong CRC32C': {
    header: inet(2),
    bytes: wrongChecksum(),
    expected: ['refused'],
    section: '2.2.3',
  },
}

export const HEADER_NAMES = Object.keys(HEADERS) as readonly HeaderName[]
