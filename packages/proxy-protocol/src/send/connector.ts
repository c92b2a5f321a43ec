import { isIP, type NetConnectOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { inspect } from 'node:util'
import { encode } from '../encode.js'
import type { EncodeOptions, HeaderInput } from '../wire/index.js'
import { connectWithHeader } from './connect.js'
import { refuseUnknown } from './refuse-unknown.js'

/** What undici says about the connection it needs; the part that is used here. */
export interface ConnectorTarget {
  readonly hostname: string
  readonly host?: string | undefined
  readonly protocol: string
  readonly port: string | number
  readonly servername?: string | undefined
  readonly localAddress?: string | null | undefined
}

export type ConnectorCallback = (...result: [null, Socket] | [Error, null]) => void

/** The type of undici's `connect` option. */
export type Connector = (target: ConnectorTarget, callback: ConnectorCallback) => void

/** Milliseconds. */
const MAX_TIMEOUT = 600_000

export interface ConnectorOptions extends EncodeOptions {
  /** For `https:` origins, as for `tls.connect`. HTTP/1.1 unless `ALPNProtocols` says otherwise. */
  readonly tls?: ConnectionOptions | undefined
  /**
   * Milliseconds until the connection, TLS included, must be made: 1 to 600,000. Default 10,000.
   */
  readonly timeout?: number | undefined
}

/**
 * A `connect` for a Client, Pool or Agent of undici whose connections begin with `header`.
 *
 *     new Pool('https://app.example', { connect: proxyConnector(headerFor(socket)) })
 *
 * Every connection of that dispatcher carries this header, so a dispatcher belongs to one client:
 * make one for each, and close it with the client's connection.
 *
 * @throws {EncodeError} for a header that the specification has no form for.
 * @throws {RangeError} for a `timeout` outside its bounds.
 * @throws {TypeError} for an unknown option.
 */
export function proxyConnector(header: HeaderInput, options: ConnectorOptions = {}): Connector {
  refuseUnknown(options, ['tls', 'timeout', 'crc32c'])
  const { tls, timeout = 10_000, ...encodeOptions } = options
  checkTimeout(timeout)
  const bytes = encode(header, encodeOptions)
  return (target, callback) => {
    const socket = connectWithHeader(addressOf(target), bytes)
    if (target.protocol !== 'https:') {
      settle(socket, 'connect', timeout, callback)
      return
    }
    const secure = connectTls({ ALPNProtocols: ['http/1.1'], ...nameOf(target), ...tls, socket })
    settle(secure, 'secureConnect', timeout, callback)
  }
}

/** A timer treats anything but a number as one millisecond, and every connection would fail. */
function checkTimeout(timeout: number): void {
  if (Number.isInteger(timeout) && timeout >= 1 && timeout <= MAX_TIMEOUT) return
  throw new RangeError(
    `timeout must be an integer from 1 to ${MAX_TIMEOUT} milliseconds, got ${inspect(timeout)}; leave it out for 10000`,
  )
}

function addressOf({ hostname, port, protocol, localAddress }: ConnectorTarget): NetConnectOpts {
  const usual = protocol === 'https:' ? 443 : 80
  const local = typeof localAddress === 'string' ? { localAddress } : {}
  return { host: unbracketed(hostname), port: Number(port) || usual, noDelay: true, ...local }
}

/**
 * `host` is the name the certificate must be for; a server name must not be an address, RFC 6066.
 */
function nameOf({ hostname, servername }: ConnectorTarget): ConnectionOptions {
  const host = servername || unbracketed(hostname)
  return isIP(host) === 0 ? { host, servername: host } : { host }
}

function unbracketed(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

/** Calls back once: with the socket, free of our listeners, or with the error. */
function settle(
  socket: Socket,
  ready: 'connect' | 'secureConnect',
  timeout: number,
  callback: ConnectorCallback,
): void {
  const timer = setTimeout(() => {
    socket.destroy(new Error(`no connection within ${timeout} ms`))
  }, timeout)
  const onReady = (): void => {
    clearTimeout(timer)
    socket.removeListener('error', onError)
    callback(null, socket)
  }
  const onError = (error: Error): void => {
    clearTimeout(timer)
    socket.removeListener(ready, onReady)
    // A TLS socket over another one reports a failure to connect twice.
    socket.on('error', () => {})
    callback(error, null)
  }
  socket.once(ready, onReady)
  socket.once('error', onError)
}
