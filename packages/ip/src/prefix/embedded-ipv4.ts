import { Address } from '../address/address.js'
import type { Prefix } from './prefix.js'

/** Lengths that a translation prefix may have, RFC 6052 section 2.2. */
export const TRANSLATION_LENGTHS: readonly number[] = [32, 40, 48, 56, 64, 96]

/** Bits 64 to 71, which are zero in every address that embeds another (RFC 6052 section 2.2). */
const RESERVED = 8

/**
 * The IPv4 address in an IPv6 address that a translator made (NAT64, SIIT): the bits after the
 * prefix, reserved octet left out, by RFC 6052 section 2.2. Undefined where the address is outside
 * the prefix, or cannot come from a translator: reserved or suffix bits are set.
 */
export function embeddedIpv4(address: Address, prefix: Prefix): Address | undefined {
  if (address.family === 4 || !prefix.contains(address)) return undefined
  const bytes = address.bytes()
  const embedded: number[] = []
  for (let i = prefix.length / 8; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    const isReserved = i === RESERVED && prefix.length < 96
    if (!isReserved && embedded.length < 4) embedded.push(byte)
    else if (byte !== 0) return undefined
  }
  return Address.fromBytes(Uint8Array.from(embedded), 0, 4)
}
