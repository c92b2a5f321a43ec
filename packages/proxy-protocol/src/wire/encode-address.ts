import { ipv6Bytes, parseAddress } from '@truehop/ip'
import { EncodeError } from './encode-error.js'
import type { Endpoint } from './header.js'

/** Both ends in wire form: addresses of one size, 4 or 16 bytes. */
export interface InetPair {
  readonly source: Uint8Array
  readonly destination: Uint8Array
  readonly sourcePort: number
  readonly destinationPort: number
}

/**
 * Reads both ends of a header of family INET or INET6. One IPv4 and one IPv6 end, as behind a proxy
 * that listens on IPv4 and connects on IPv6, have no common form but IPv6: the IPv4 one is mapped
 * (RFC 4291 section 2.5.5.2). Two IPv6 ends with family INET are a mistake, and refused.
 */
export function inetPair(
  family: 'INET' | 'INET6',
  source: Endpoint | undefined,
  destination: Endpoint | undefined,
): InetPair {
  const from = addressBytes(source, 'source')
  const to = addressBytes(destination, 'destination')
  if (family === 'INET' && from.length + to.length === 32) {
    throw new EncodeError('address-family', "two IPv6 addresses in family INET: write 'INET6'")
  }
  const plain = family === 'INET' && from.length === to.length
  return {
    source: plain ? from : mapped(from),
    destination: plain ? to : mapped(to),
    sourcePort: port(source, 'source'),
    destinationPort: port(destination, 'destination'),
  }
}

/** Whether 16 bytes are an IPv4-mapped address, `::ffff:0:0/96`. */
export function isMapped(address: Uint8Array): boolean {
  return address.subarray(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 0xff))
}

/** LOCAL, UNKNOWN and UNSPEC name no address. Silently leaving the addresses out would mislead. */
export function refuseEndpoints(header: { source?: unknown; destination?: unknown }): void {
  if (header.source === undefined && header.destination === undefined) return
  const message = 'LOCAL and UNSPEC carry no addresses: leave source and destination out'
  throw new EncodeError('endpoint-unexpected', message)
}

function addressBytes(end: Endpoint | undefined, side: string): Uint8Array {
  if (end === undefined) throw missing(side)
  if (!('address' in end)) {
    throw new EncodeError('address-family', `${side} is a path: write family 'UNIX'`, side)
  }
  const text: unknown = end.address
  const bytes = typeof text === 'string' ? textBytes(text) : undefined
  if (bytes !== undefined) return bytes
  const message = `${side} ${JSON.stringify(text)}: write an address, without port, zone or brackets`
  throw new EncodeError('address-text', message, `${side}.address`)
}

export function missing(side: string): EncodeError {
  const message = `${side} is missing: write both ends, or family 'UNSPEC' if they are unknown`
  return new EncodeError('endpoint-missing', message, side)
}

function textBytes(text: string): Uint8Array | undefined {
  return text.includes(':') ? ipv6Bytes(text) : parseAddress(text)?.bytes()
}

function mapped(address: Uint8Array): Uint8Array {
  if (address.length === 16) return address
  const wide = new Uint8Array(16)
  wide.set([0xff, 0xff], 10)
  wide.set(address, 12)
  return wide
}

function port(end: Endpoint | undefined, side: string): number {
  const value: unknown = end !== undefined && 'port' in end ? end.port : undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65535) {
    return value
  }
  const message = `${side} port ${String(value)}: write an integer from 0 to 65535`
  throw new EncodeError('port-range', message, `${side}.port`)
}
