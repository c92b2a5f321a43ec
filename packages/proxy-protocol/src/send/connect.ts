import { connect, isIP, type NetConnectOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { encode } from '../encode.js'
import type { EncodeOptions, HeaderInput } from '../wire/index.js'

/** Where to connect to, as for `net.connect`, and the PROXY header to send first. */
export type ProxyConnectOptions = NetConnectOpts &
  EncodeOptions & {
    readonly header: HeaderInput
    /** Start TLS after the header: options as for `tls.connect`, without `host` and `port`. */
    readonly tls?: ConnectionOptions | undefined
  }

/**
 * Connects, sends the PROXY header before anything else, and with `tls` starts TLS after it.
 * Returns the socket at once, as `net.connect` and `tls.connect` do: anything written to it follows
 * the header. Listen for `connect` or `secureConnect`, and for `error` with `on`: a TLS socket over
 * another one reports a failure to connect twice.
 *
 * With `tls`, `servername` is `host` unless given or an address.
 *
 * @throws {EncodeError} for a header that the specification has no form for.
 */
export function proxyConnect(
  options: ProxyConnectOptions & { readonly tls: ConnectionOptions },
): TLSSocket
export function proxyConnect(options: ProxyConnectOptions): Socket
export function proxyConnect(options: ProxyConnectOptions): Socket {
  const socket = connectWithHeader(options, encode(options.header, { crc32c: options.crc32c }))
  if (options.tls === undefined) return socket
  const host = 'host' in options ? options.host : undefined
  const name = host === undefined || isIP(host) !== 0 ? {} : { servername: host }
  return connectTls({ ...name, host, ...options.tls, socket })
}

/** A socket whose first write, buffered until the connection is made, is the header. */
export function connectWithHeader(to: NetConnectOpts, header: Buffer): Socket {
  const socket = connect(to)
  socket.write(header)
  return socket
}
