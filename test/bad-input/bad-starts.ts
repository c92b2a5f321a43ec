import type { HopsOptions } from '@truehop/identity'
import { encode, type RefusalReason } from '@truehop/proxy-protocol'

/** The one that must send a header, and one that may not. */
export const PROXY = '127.0.0.2'
const STRANGER = '127.0.0.9'
/** Whom the headers name. */
export const CLIENT = '198.51.100.7'

export const POLICY: HopsOptions = {
  hops: [{ name: 'proxy', from: [PROXY], asserts: 'proxy-protocol' }],
  // The shortest that the specification allows.
  proxyProtocol: { timeout: 3000 },
}

function header(version: 1 | 2, options = {}): Buffer {
  const source = { address: CLIENT, port: 4711 }
  const destination = { address: '192.0.2.1', port: 443 }
  const endpoints = { family: 'INET', transport: 'STREAM', source, destination } as const
  return encode({ version, command: 'PROXY', ...endpoints, tlvs: [] }, options)
}

export const HEADERS = { 1: header(1), 2: header(2) } as const

/** How a connection begins that comes to nothing. */
export interface BadStart {
  readonly name: string
  readonly from: string
  readonly bytes: Uint8Array
  /** What the client does next; by default it waits. */
  readonly ending?: 'close' | 'reset'
  readonly reason: RefusalReason
}

const text = (bytes: string): Buffer => Buffer.from(bytes, 'latin1')

/** The first bytes of a TLS ClientHello: handshake record, TLS 1.0 record version. */
const CLIENT_HELLO = Buffer.from('16030100f8010000f40303', 'hex')

function withByte(bytes: Uint8Array, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] = value
  return changed
}

/** A version 2 header whose length field says `length`, with that many bytes after it. */
function v2OfLength(length: number, family: number): Buffer {
  const fixed = Buffer.from(HEADERS[2].subarray(0, 16))
  fixed[13] = family
  fixed.writeUInt16BE(length, 14)
  return Buffer.concat([fixed, Buffer.alloc(length)])
}

const MALFORMED_V1: readonly (readonly [string, string, RefusalReason])[] = [
  ['an unknown family', 'PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n', 'malformed:v1_bad_family'],
  [
    'an address with a leading zero',
    'PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n',
    'malformed:v1_bad_address',
  ],
  [
    'an IPv6 address in TCP4',
    'PROXY TCP4 2001:db8::1 192.0.2.2 1 2\r\n',
    'malformed:v1_bad_address',
  ],
  ['a host name', 'PROXY TCP4 localhost 192.0.2.2 1 2\r\n', 'malformed:v1_bad_address'],
  ['a port above 65535', 'PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n', 'malformed:v1_bad_port'],
  [
    'an LF alone at the end',
    'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\nGET / HTTP/1.1\r\n',
    'malformed:v1_bad_terminator',
  ],
  ['no end within 107 bytes', `PROXY UNKNOWN ${'a'.repeat(120)}`, 'malformed:v1_too_long'],
]

const MALFORMED_V2: readonly (readonly [string, Uint8Array, RefusalReason])[] = [
  ['version 3', withByte(HEADERS[2], 12, 0x31), 'malformed:v2_bad_version'],
  ['command 2', withByte(HEADERS[2], 12, 0x22), 'malformed:v2_bad_command'],
  ['family 4', withByte(HEADERS[2], 13, 0x41), 'malformed:v2_bad_family'],
  ['transport 3', withByte(HEADERS[2], 13, 0x13), 'malformed:v2_bad_transport'],
  ['an address block too short for its family', v2OfLength(4, 0x11), 'malformed:v2_short_address'],
  ['a length of 65,535', v2OfLength(65_535, 0x11), 'malformed:v2_too_long'],
  ['a TLV longer than the header', tlvTooLong(), 'malformed:tlv_truncated'],
  ['a wrong checksum', wrongChecksum(), 'checksum'],
]

function tlvTooLong(): Buffer {
  const bytes = v2OfLength(12 + 4, 0x11)
  bytes.set([0x04, 0x00, 0x09, 0x00], 16 + 12)
  return bytes
}

function wrongChecksum(): Buffer {
  const bytes = header(2, { crc32c: true })
  return withByte(bytes, 16, bytes.readUInt8(16) ^ 1)
}

const CUT_SHORT = HEADERS[2].subarray(0, 20)

export const BAD_STARTS: readonly BadStart[] = [
  ...MALFORMED_V1.map(([name, bytes, reason]) => ({
    name: `v1 with ${name}`,
    from: PROXY,
    bytes: text(bytes),
    reason,
  })),
  ...MALFORMED_V2.map(([name, bytes, reason]) => ({
    name: `v2 with ${name}`,
    from: PROXY,
    bytes,
    reason,
  })),
  {
    name: 'HTTP without a header',
    from: PROXY,
    bytes: text('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    reason: 'http-without-header',
  },
  { name: 'TLS without a header', from: PROXY, bytes: CLIENT_HELLO, reason: 'tls-without-header' },
  { name: 'anything else', from: PROXY, bytes: text('EHLO a\r\n'), reason: 'missing' },
  {
    name: 'an end within a header',
    from: PROXY,
    bytes: CUT_SHORT,
    ending: 'close',
    reason: 'closed',
  },
  {
    name: 'a reset within a header',
    from: PROXY,
    bytes: CUT_SHORT,
    ending: 'reset',
    reason: 'reset',
  },
  { name: 'a header from a stranger', from: STRANGER, bytes: HEADERS[2], reason: 'untrusted-peer' },
  {
    name: 'a request from a stranger',
    from: STRANGER,
    bytes: text('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    reason: 'untrusted-peer',
  },
]

/** Those whom only the deadline ends. */
export const SILENCES: readonly BadStart[] = [
  { name: 'silence', from: PROXY, bytes: text(''), reason: 'timeout' },
  {
    name: 'silence within a v1 header',
    from: PROXY,
    bytes: text('PROXY TCP4 192.0'),
    reason: 'timeout',
  },
  { name: 'silence within a v2 header', from: PROXY, bytes: CUT_SHORT, reason: 'timeout' },
]
