import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { type HeaderInput, headerFor, proxyConnect, proxyEvidence } from '@truehop/proxy-protocol'
import type { Place } from '../listen/listening.js'

export interface RelaySettings {
  readonly to: Place
  /** Of the PROXY header; undefined sends none. */
  readonly version: 1 | 2 | undefined
  readonly crc32c: boolean
  /** Claimed in the place of the real client. */
  readonly client: Place | undefined
  readonly appendXff: boolean
  /** TLS to the target, after the header. */
  readonly tls: ConnectionOptions | undefined
  readonly maxConnections: number
}

/** The client address that is passed to the target. */
export function clientOf(socket: Socket, { client }: RelaySettings): string {
  return client?.host ?? proxyEvidence(socket).peer ?? 'unknown'
}

/** The header for an accepted connection; undefined if it is already gone. */
function headerOf(socket: Socket, { version = 2, client }: RelaySettings): HeaderInput | undefined {
  const header = headerFor(socket, { version })
  if (header === undefined || client === undefined) return header
  const source = { address: client.host, port: client.port }
  const destination = header.destination
  const isV6 = [source, destination].some(
    (end) => end && 'address' in end && end.address.includes(':'),
  )
  return { ...header, family: isV6 ? 'INET6' : 'INET', source }
}

/**
 * Connects to the target for an accepted connection, the header first. Undefined if the connection
 * is gone.
 */
export function connectFor(socket: Socket, settings: RelaySettings): Socket | undefined {
  const { to, version, crc32c, tls } = settings
  const place = { host: to.host, port: to.port, allowHalfOpen: true, noDelay: true }
  if (version === undefined) return tls === undefined ? connect(place) : tlsTo(to, tls)
  const header = headerOf(socket, settings)
  if (header === undefined) return undefined
  const options = { ...place, header, crc32c }
  return tls === undefined ? proxyConnect(options) : proxyConnect({ ...options, tls })
}

/** A server name must not be an address, RFC 6066 section 3. */
function tlsTo({ host, port }: Place, tls: ConnectionOptions): Socket {
  return connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls })
}
