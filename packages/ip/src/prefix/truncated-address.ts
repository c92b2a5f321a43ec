import type { Address } from '../address/address.js'
import { Prefix, parsePrefix } from './prefix.js'

/** Leading bits of an address that a truncated one keeps. */
export interface TruncatedBits {
  readonly ipv4: number
  readonly ipv6: number
}

/** What is kept unless something else is asked for: 256 IPv4 addresses are alike, and an IPv6 site. */
export const TRUNCATED_BITS: TruncatedBits = { ipv4: 24, ipv6: 48 }

/**
 * Where an IPv6 address is, after so many bits, an IPv4 address: RFC 3056 (the usual /48 is all of
 * one), RFC 6052 section 2.1, RFC 4380 section 4, RFC 4291 section 2.5.5.1.
 */
const WITH_IPV4 = [
  { text: '2002::/16', bits: 16 },
  { text: '64:ff9b::/96', bits: 96 },
  { text: '2001::/32', bits: 96 },
  { text: '::/96', bits: 96 },
] as const
let withIpv4: readonly { readonly prefix: Prefix; readonly bits: number }[] | undefined

/**
 * The network that is shown in place of an address. Of an IPv4 address inside an IPv6 one, no more
 * is shown than of one that stands alone.
 */
export function truncatedAddress(address: Address, keep: TruncatedBits = TRUNCATED_BITS): Prefix {
  if (address.family === 4) return Prefix.of(address, keep.ipv4)
  withIpv4 ??= WITH_IPV4.map(({ text, bits }) => ({ prefix: parsePrefix(text), bits }))
  const before = withIpv4.find(({ prefix }) => prefix.contains(address))?.bits
  const kept = before === undefined ? keep.ipv6 : Math.min(keep.ipv6, before + keep.ipv4)
  return Prefix.of(address, kept)
}

/** A port behind an IPv4 address, or behind an IPv6 address in brackets. */
const PORT = /((?:\d{1,3}\.){3}\d{1,3}|:[\dA-Fa-f.]*\]):\d{1,5}(?!\d)/g

/**
 * The text without the ports of the addresses in it: behind a carrier's NAT, port and time identify
 * one subscriber.
 */
export function withoutPorts(text: string): string {
  return text.replace(PORT, '$1')
}
