import type { Socket } from 'node:net'
import type { Malformed, MalformedCode } from '../wire/index.js'
import type { ConnectionEvidence } from './evidence.js'
import { type Opening, openingOf } from './first-bytes.js'

/**
 * Why a connection was refused. Each has a heading in docs/errors.md.
 *
 * `missing`, `tls-without-header`, `http-without-header`: other bytes where a header must be.
 * `malformed:<code>`: a header by its signature, and wrong. `checksum`: its CRC32C does not match.
 * `timeout`: no whole header at the deadline. `closed`, `reset`: the peer ended the connection with
 * part of a header sent. `untrusted-peer`: not in `from`. `too-many-pending`: no room to wait.
 * `shutting-down`: the server stopped listening before the header was in.
 */
export type RefusalReason =
  | 'missing'
  | 'tls-without-header'
  | 'http-without-header'
  | `malformed:${MalformedCode}`
  | 'checksum'
  | 'timeout'
  | 'closed'
  | 'reset'
  | 'untrusted-peer'
  | 'too-many-pending'
  | 'shutting-down'

/** One refused connection. */
export interface Refusal {
  readonly reason: RefusalReason
  /** For people: what happened, and the setting that mends it where it is a misconfiguration. */
  readonly message: string
  readonly peer: string | 'unix' | undefined
  readonly peerPort?: number | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  /** A copy of the first bytes that were not accepted as a header, at most 32. */
  readonly firstBytes: Uint8Array
}

/** Longest excerpt of the peer's bytes in a refusal. */
const EXCERPT_BYTES = 32

/** Both ends of a connection. */
export interface Ends {
  readonly peer: string | 'unix' | undefined
  readonly peerPort?: number | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
}

/** The peer as it was at the accept, and our end; to be asked for while the socket is alive. */
export function endsOf(socket: Socket, accepted: ConnectionEvidence): Ends {
  const { localAddress, localPort } = socket
  return { peer: accepted.peer, peerPort: accepted.peerPort, localAddress, localPort }
}

export function refusal(
  reason: RefusalReason,
  ends: Ends,
  bytes: Uint8Array,
  detail?: string,
): Refusal {
  return {
    reason,
    message: messageOf(reason, ends, bytes, detail),
    peer: ends.peer,
    ...(ends.peerPort === undefined ? {} : { peerPort: ends.peerPort }),
    ...(ends.localAddress === undefined ? {} : { localAddress: ends.localAddress }),
    ...(ends.localPort === undefined ? {} : { localPort: ends.localPort }),
    firstBytes: Uint8Array.from(bytes.subarray(0, EXCERPT_BYTES)),
  }
}

/** The reason for bytes that are no PROXY header. */
export function absentReason(bytes: Uint8Array): RefusalReason {
  const opening = openingOf(bytes)
  if (opening === 'tls') return 'tls-without-header'
  return opening === 'http' ? 'http-without-header' : 'missing'
}

/** The reason for a header that the specification refuses. */
export function malformedReason(fault: Malformed): RefusalReason {
  return fault.code === 'crc_mismatch' ? 'checksum' : `malformed:${fault.code}`
}

/** As it is pasted into a policy; `acceptProxyProtocol` takes what is inside. */
function setting(text: string): string {
  return `proxyProtocol: { ${text} }`
}

const MAKE_IT_SEND =
  'make it send the header (HAProxy: send-proxy-v2 on the server line; nginx stream: proxy_protocol on; AWS NLB: proxy_protocol_v2.enabled)'

function messageOf(reason: RefusalReason, ends: Ends, bytes: Uint8Array, detail?: string): string {
  const { length } = bytes
  const who = describe(ends.peer, ends.peerPort)
  const where = describe(ends.localAddress ?? 'the Unix socket', ends.localPort)
  switch (reason) {
    case 'tls-without-header':
      return `${who} started TLS on ${where} without a PROXY header: ${MAKE_IT_SEND}, before TLS; or take it out of "from"`
    case 'http-without-header':
      return `${who} sent an HTTP request to ${where} without a PROXY header: ${MAKE_IT_SEND}; a health checker belongs in "healthCheckFrom", and a direct client does not belong in "from"`
    case 'missing':
      return `${who} sent something other than a PROXY header to ${where}: ${MAKE_IT_SEND}, or take it out of "from"`
    case 'checksum':
      return `${who} sent a PROXY header to ${where} whose CRC32C does not match: it was damaged or changed on the way; if the sender passes on another header's checksum, as Envoy does beside added TLVs, set ${setting("crc32c: 'ignore'")}`
    case 'timeout':
      return `${who} did not send a complete PROXY header to ${where} in time (${length} bytes of one): ${MAKE_IT_SEND}, or raise "timeout" if the network is slow`
    case 'closed':
      return `${who} closed its connection to ${where} after ${length} bytes of a PROXY header`
    case 'reset':
      return `${who} reset its connection to ${where} after ${length} bytes of a PROXY header`
    case 'untrusted-peer':
      return strangerMessage(who, where, openingOf(bytes))
    case 'too-many-pending':
      return `${who} was refused on ${where}: too many connections have not sent their PROXY header yet (${detail}); raise that limit, or find out what connects and stays silent`
    case 'shutting-down':
      return `${who} had not sent its PROXY header to ${where} when the server stopped listening`
    case 'malformed:v2_too_long':
      return `${who} sent too long a PROXY header to ${where}: ${detail}; raise "maxHeaderBytes", ${setting('maxHeaderBytes: 16_384')}: a client certificate in a TLV takes several thousand bytes`
    case 'malformed:v1_bad_address':
      return `${who} sent a malformed PROXY header to ${where}: ${detail}; a line with one IPv4 and one IPv6 address is what nginx writes where realip has replaced the client's: let nginx listen and connect in one family`
    default:
      return `${who} sent a malformed PROXY header to ${where}: ${detail}`
  }
}

function strangerMessage(who: string, where: string, opening: Opening): string {
  if (opening === 'proxy') {
    return `${who} sent a PROXY header to ${where} but is not in "from": if it is your proxy, add its address there; if not, something is posing as one`
  }
  const doing = DOING[opening]
  return `${who} ${doing} ${where} and is not in "from": if it is your proxy, add its address there; if it is a health checker, to "healthCheckFrom"; if clients may connect without a proxy, set ${setting("direct: 'accept'")}`
}

const DOING = {
  tls: 'started TLS without a PROXY header on',
  http: 'sent an HTTP request without a PROXY header to',
  other: 'connected to',
} as const

function describe(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return 'a peer that is gone'
  if (address === 'unix') return 'a peer on the Unix socket'
  if (port === undefined) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
