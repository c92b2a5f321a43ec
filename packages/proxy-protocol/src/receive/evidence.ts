import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest, Http2Stream, ServerHttp2Session } from 'node:http2'
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { parseAddress } from '@truehop/ip'
import type { ProxyHeader } from '../wire/index.js'
import { EVIDENCE, READ_BEFORE } from './carrier.js'

/** What a connection itself says about where it comes from. */
export interface ConnectionEvidence {
  /**
   * Who the connection comes from: RFC 5952 text without zone, IPv4-mapped folded to IPv4; `'unix'`
   * for a Unix-domain socket; undefined if it is not known.
   */
  readonly peer: string | 'unix' | undefined
  /** The peer's port, 0 to 65535; absent if there is none. */
  readonly peerPort?: number | undefined
  /** The PROXY headers that were accepted on it, outermost (first on the wire) first. */
  readonly headers: readonly ProxyHeader[]
  /**
   * True if a receiver saw the connection: no `headers` then means that none came. Absent if no
   * receiver looked for headers, as on a server without one or on a socket that was made on top of
   * the received one without its evidence: there the proxy's address may represent any client.
   */
  readonly received?: true | undefined
}

/** Whatever a handler has of a connection or request. */
export type EvidenceSource =
  | Socket
  | TLSSocket
  | IncomingMessage
  | Http2Stream
  | Http2ServerRequest
  | ServerHttp2Session
  | {
      readonly socket: {
        readonly remoteAddress?: string | undefined
        readonly remotePort?: number | undefined
      }
    }

interface Carrier {
  [EVIDENCE]?: ConnectionEvidence
  [READ_BEFORE]?: number | undefined
}

export const NO_HEADERS: readonly ProxyHeader[] = Object.freeze([])
/** A connection whose beginning somebody else has read. */
export const NOBODY: ConnectionEvidence = Object.freeze({
  peer: undefined,
  headers: NO_HEADERS,
  received: true,
})
const UNKNOWN: ConnectionEvidence = Object.freeze({ peer: undefined, headers: NO_HEADERS })

/**
 * The evidence of the connection behind a socket, TLS socket, HTTP/1 request (upgrades included),
 * HTTP/2 stream or request.
 *
 * On a server with `acceptProxyProtocol` it is what was captured when the connection was accepted,
 * and outlives it. Elsewhere it is read from the socket and remembered; if the socket goes before
 * that, `peer` is undefined, as it is for undefined: an HTTP/2 stream drops its session when it
 * ends. Never throws.
 */
export function proxyEvidence(source: EvidenceSource | undefined): ConnectionEvidence {
  if (source === undefined) return UNKNOWN
  const stored = (source as Carrier)[EVIDENCE]
  if (stored !== undefined) return stored
  if (source instanceof Socket) return captureEvidence(source)
  const inner = innerOf(source)
  if (inner === undefined) return UNKNOWN
  if (inner instanceof Socket) return captureEvidence(inner)
  return storedEvidence(inner) ?? readEvidence(inner)
}

/**
 * Reads who a connection's peer is and keeps the answer on its socket or HTTP/2 stream, for
 * `proxyEvidence` to find after the connection has ended. Call it when the connection is accepted
 * or the stream opened; later calls return the first answer. Not needed with `acceptProxyProtocol`.
 */
export function captureEvidence(of: Socket | Http2Stream): ConnectionEvidence {
  const carrier = of as Carrier
  const stored = carrier[EVIDENCE]
  if (stored !== undefined) return stored
  const evidence = of instanceof Socket ? readEvidence(of) : proxyEvidence(of)
  // A connection that is already gone has nothing left to keep.
  if (evidence.peer !== undefined) carrier[EVIDENCE] = evidence
  return evidence
}

/**
 * `captureEvidence` for a socket that is emitted on a server without a receiver. One that is
 * emitted again after something was read from it (CONNECT, an upgrade) is nobody's from then on:
 * whoever opened the tunnel writes what comes through it, and the hop below adds nothing.
 */
export function captureAnnounced(socket: Socket): void {
  const carrier = socket as Carrier
  const before = carrier[READ_BEFORE]
  if (carrier[EVIDENCE]?.received === true || !(socket instanceof Socket)) return
  if (before !== undefined && before !== readOff(socket)) carrier[EVIDENCE] = NOBODY
  else captureEvidence(socket)
  carrier[READ_BEFORE] = readOff(socket)
}

/** Bytes that came and are no longer in the socket: what was put back counts as not read. */
export function readOff(socket: Socket): number {
  return socket.bytesRead - socket.readableLength
}

/**
 * Replaces what is known about a connection: for a receiver, which knows more than the socket and
 * says `received: true`, and for code that makes a socket on top of a received one and passes on
 * the `proxyEvidence` of that one.
 */
export function storeEvidence(on: object, evidence: ConnectionEvidence): void {
  const carrier = on as Carrier
  carrier[EVIDENCE] = evidence
  // It applies to what comes from now on, whatever has been read before.
  if (carrier[READ_BEFORE] !== undefined) carrier[READ_BEFORE] = undefined
}

/** The evidence kept on an object, if any. */
export function storedEvidence(on: object): ConnectionEvidence | undefined {
  return (on as Carrier)[EVIDENCE]
}

/**
 * What another receiver saw on a connection that code in this process now passes to a server, or
 * what the code that made the connection says would have been received on it. Nothing a peer sends
 * can put it there.
 *
 * Not for the stream of an HTTP/2 tunnel (CONNECT): what is kept there is about the session below
 * it, and the party that opened the tunnel writes what comes through it. The proxy in front has
 * added nothing there, so its trust must not count.
 */
export function handedEvidence(socket: Socket): ConnectionEvidence | undefined {
  const evidence = storedEvidence(socket)
  return evidence?.received === true && !('session' in socket) ? evidence : undefined
}

/**
 * What a socket, or a stand-in for one, says about its peer at this moment. The one place that
 * decides which peer is `unix`.
 */
export function readEvidence(socket: object): ConnectionEvidence {
  return isUnix(socket) ? { peer: 'unix', headers: NO_HEADERS } : evidenceOfFields(socket)
}

/**
 * A Unix-domain socket is a `net.Socket` without an address at either end. No other stream is one,
 * though it has no addresses either: what arrives on an injected HTTP/2 CONNECT stream, say, comes
 * from a stranger, who must not get the trust in `unix`. A subclass may wrap any stream: TLS does,
 * and so does what Node wraps an injected one in for an HTTP/2 session. A TCP socket whose peer has
 * reset it has lost only the remote address: it is not a Unix-domain socket, or an RST would get
 * that trust.
 */
function isUnix(socket: object): boolean {
  return (
    Object.getPrototypeOf(socket) === Socket.prototype &&
    socket instanceof Socket &&
    socket.remoteAddress === undefined &&
    socket.localAddress === undefined &&
    !socket.destroyed &&
    !socket.pending
  )
}

function evidenceOfFields(fields: object): ConnectionEvidence {
  const { remoteAddress, remotePort } = fields as { remoteAddress?: unknown; remotePort?: unknown }
  if (typeof remoteAddress !== 'string') return UNKNOWN
  const peer = parseAddress(remoteAddress)?.text
  if (peer === undefined) return UNKNOWN
  if (typeof remotePort !== 'number') return { peer, headers: NO_HEADERS }
  return { peer, peerPort: remotePort, headers: NO_HEADERS }
}

/**
 * What carries the evidence of a request or stream: its HTTP/2 stream or session, or its socket. A
 * `session` on anything but an HTTP/2 stream is the application's own session data, and users may
 * control what is in it.
 */
function innerOf(source: object): object | undefined {
  const { stream } = source as { stream?: unknown }
  if (isHttp2Stream(stream)) return storedEvidence(stream) === undefined ? innerOf(stream) : stream
  if (!isHttp2Stream(source)) return socketOf(source)
  const { session } = source
  if (isObject(session)) return storedEvidence(session) === undefined ? socketOf(session) : session
  return socketOf(source)
}

/**
 * A stream that can be written to, unlike a request, and that has a session, even one that is gone.
 */
function isHttp2Stream(value: unknown): value is Duplex & { readonly session: unknown } {
  return value instanceof Duplex && 'session' in value
}

/** HTTP/2 sessions throw for `socket` once it is gone. */
function socketOf(source: object): object | undefined {
  try {
    const { socket } = source as { socket?: unknown }
    return isObject(socket) ? socket : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
