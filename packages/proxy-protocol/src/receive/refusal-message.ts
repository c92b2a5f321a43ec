import { parseAddress } from '@truehop/ip'
import { type Opening, openingOf } from './first-bytes.js'
import type { Ends, RefusalReason } from './refusal-reason.js'

const MAKE_IT_SEND =
  'make it send the header (HAProxy: send-proxy-v2 on the server line; nginx stream: proxy_protocol on; AWS NLB: proxy_protocol_v2.enabled)'

/**
 * For people: what happened and, if it is a misconfiguration, the setting that fixes it, ready to
 * paste into a policy. `detail` is what the decoder or the limit says.
 */
export function messageOf(
  reason: RefusalReason,
  ends: Ends,
  bytes: Uint8Array,
  detail?: string,
): string {
  const { length } = bytes
  const who = describe(ends.peer, ends.peerPort)
  const where = describe(ends.localAddress ?? 'the Unix socket', ends.localPort)
  switch (reason) {
    case 'tls-without-header':
      return `${who} started TLS on ${where} without a PROXY header: ${MAKE_IT_SEND}, before TLS; or take it out of "from"`
    case 'http-without-header':
      return `${who} sent an HTTP request to ${where} without a PROXY header: ${MAKE_IT_SEND}; if it is a health checker, set ${healthCheckFrom(ends)}; if it is a direct client, take it out of "from"`
    case 'missing':
      return `${who} sent something other than a PROXY header to ${where}: ${MAKE_IT_SEND}, or take it out of "from"`
    case 'version-not-accepted':
      return `${who} sent a PROXY header of version ${detail} to ${where}, which "versions" does not allow: make it send the other one (HAProxy: send-proxy for version 1, send-proxy-v2 for version 2), or accept both, ${setting('versions: [1, 2]')}`
    case 'checksum':
      return `${who} sent a PROXY header to ${where} whose CRC32C does not match: it was damaged or changed on the way; if the sender passes on another header's checksum, as Envoy does when it adds TLVs, set ${setting("crc32c: 'ignore'")}`
    case 'timeout':
      return `${who} did not send a complete PROXY header to ${where} in time (${length} bytes of one): ${MAKE_IT_SEND}, or raise "timeout" if the network is slow, ${setting('timeout: 15_000')}`
    case 'closed':
      return `${who} closed its connection to ${where} after ${length} bytes of a PROXY header`
    case 'reset':
      return `${who} reset its connection to ${where} after ${length} bytes of a PROXY header`
    case 'untrusted-peer':
      return detail === undefined
        ? strangerMessage(who, where, ends, openingOf(bytes))
        : `${who} was passed to the server on ${where}, and ${detail}: what comes now is not from the hop below it, as in an HTTP CONNECT tunnel; open a connection to the server, and copy the data`
    case 'too-many-pending':
      return `${who} was refused on ${where}, too many connections have not sent their PROXY header yet (${detail}): find out who connects and stays silent, or raise the limit, ${setting(raised(detail))}`
    case 'shutting-down':
      return `${who} had not sent its PROXY header to ${where} when the server stopped listening`
    case 'malformed:v2_too_long':
      return `${who} sent too long a PROXY header to ${where}: ${detail}; raise "maxHeaderBytes", ${setting('maxHeaderBytes: 16_384')}: a client certificate in a TLV takes several thousand bytes`
    case 'malformed:v1_bad_address':
      return `${who} sent a malformed PROXY header to ${where}: ${detail}${mixesFamilies(bytes) ? MIXED : ''}`
    default:
      return `${who} sent a malformed PROXY header to ${where}: ${detail}`
  }
}

const MIXED = `; one address is IPv4 and the other IPv6, which nginx writes where realip has replaced the client's: let nginx listen and connect in one family, or if it cannot, set ${setting("mixedFamilies: 'accept'")}`

function strangerMessage(who: string, where: string, ends: Ends, opening: Opening): string {
  const add = `add it there, from: ${list(ends)}`
  if (opening === 'proxy') {
    return `${who} sent a PROXY header to ${where} but is not in "from": if it is your proxy, ${add}; if not, something is posing as one`
  }
  return `${who} ${DOING[opening]} ${where} and is not in "from": if it is your proxy, ${add}; if it is a health checker, set ${healthCheckFrom(ends)}; if clients may connect without a proxy, set ${setting("direct: 'accept'")}`
}

const DOING = {
  tls: 'started TLS without a PROXY header on',
  http: 'sent an HTTP request without a PROXY header to',
  other: 'connected to',
} as const

/** Ready to paste into a policy; `acceptProxyProtocol` takes what is inside. */
function setting(text: string): string {
  return `proxyProtocol: { ${text} }`
}

function healthCheckFrom(ends: Ends): string {
  return setting(`healthCheckFrom: ${list(ends)}`)
}

/** The peer as an entry; for a peer that is gone, a placeholder to fill in. */
function list({ peer }: Ends): string {
  return peer === undefined ? '[…]' : `['${peer}']`
}

/** Twice the limit that `detail` names, such as `maxPending 50`. */
function raised(detail = ''): string {
  const [name, limit] = detail.split(' ')
  return `${name}: ${2 * Number(limit)}`
}

/** Whether a line of version 1 names two addresses, one IPv4 and one IPv6: section 2.1 has no form for it. */
function mixesFamilies(bytes: Uint8Array): boolean {
  const line = Buffer.from(bytes.subarray(0, LONGEST_LINE)).toString('latin1')
  const [, , source, destination] = line.split(' ', 4)
  const families = [source, destination].map((text) => parseAddress(text ?? '')?.family)
  return families.includes(4) && families.includes(6)
}

/** Section 2.1: a line of version 1 never exceeds 107 bytes. */
const LONGEST_LINE = 107

function describe(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return 'a peer that is gone'
  if (address === 'unix') return 'a peer on the Unix socket'
  if (port === undefined) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
