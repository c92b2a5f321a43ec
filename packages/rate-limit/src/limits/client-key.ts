import {
  type ClientIdentity,
  type IdentifiableRequest,
  identityOf,
} from '@truehop/identity/adapter'
import { type Address, Prefix } from '@truehop/ip'

/** How many leading bits of an address make one client, for each family. */
export interface PrefixWidths {
  /** 0 to 32. */
  readonly ipv4Prefix: number
  /** 0 to 128. */
  readonly ipv6Prefix: number
}

/**
 * IPv4 by address; IPv6 by /64, the smallest network a provider hands out (RFC 6177 section 2):
 * a host with one has 2^64 addresses in it.
 */
export const DEFAULT_WIDTHS: PrefixWidths = { ipv4Prefix: 32, ipv6Prefix: 64 }

/**
 * The key under which a request's client is counted: `'198.51.100.7'`, `'2001:db8:1:2::/64'`, or
 * `'undetermined:<last trusted hop>'`, one bucket for each hop whose entry could not be used.
 *
 * For `keyGenerator` of @fastify/rate-limit and express-rate-limit. Never throws on what a client
 * sent.
 *
 * @throws {UnboundRequestError} if no policy is in force for the request.
 */
export function rateLimitKey(request: IdentifiableRequest): string {
  return clientKey(identityOf(request), DEFAULT_WIDTHS)
}

/** The key of an identity at the given widths, RFC 5952 text. */
export function clientKey(identity: ClientIdentity, widths: PrefixWidths): string {
  if (identity.status === 'undetermined') {
    return `undetermined:${identity.lastTrustedHop ?? identity.peer ?? 'unknown'}`
  }
  const { address } = identity
  return address.family === 4
    ? prefixText(address, widths.ipv4Prefix, 32)
    : prefixText(address, widths.ipv6Prefix, 128)
}

function prefixText(address: Address, length: number, whole: 32 | 128): string {
  return length === whole ? address.text : Prefix.of(address, length).text
}
