import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2'
import { type Server, Socket } from 'node:net'
import { Duplex, PassThrough, Stream } from 'node:stream'
import { proxyEvidence } from '@truehop/proxy-protocol/evidence'
import type { PolicySnapshot } from '../policy/snapshot.js'
import type { Evidence } from '../walk/evidence.js'

/** A request as Node's HTTP servers emit it. */
export type RawRequest = IncomingMessage | Http2ServerRequest

/**
 * Everything that a request and its connection say about the client, read once.
 *
 * If there is no connection, an adapter may have named a peer, but that counts only if no rule
 * vouches for events: some name 127.0.0.1 for want of anything better.
 */
export function evidenceOf(raw: RawRequest, { vouchesForEvents }: PolicySnapshot): Evidence {
  const { peer, peerPort, headers, received = false } = proxyEvidence(raw)
  const fromEvent = (peer === undefined || vouchesForEvents) && isEvent(raw)
  return {
    peer: fromEvent ? 'event' : peer,
    peerPort: fromEvent ? undefined : peerPort,
    headers: raw.headers,
    proxyHeaders: received ? headers : undefined,
    received,
    headersTruncated: isTruncated(raw),
    encrypted: isEncrypted(raw),
  }
}

/** What lives as long as the connection: the HTTP/2 session, while there is one, or the socket. */
export function connectionOf(raw: RawRequest): object | undefined {
  const { stream, socket } = raw as { stream?: unknown; socket?: object }
  // An application may keep its own stream there.
  return stream instanceof Duplex && 'session' in stream
    ? (stream as ServerHttp2Stream).session
    : socket
}

/**
 * Whether a request has no connection at all: an adapter made it from an event of a serverless
 * platform, or `inject` made it in a test. What stands in for the socket there is not a stream, or
 * with serverless-http a `PassThrough`, which has no other end.
 *
 * False for everything that a server accepted, including closed connections and streams passed to a
 * server by `emit('connection')`: none of them may get the trust in events.
 */
function isEvent(request: RawRequest): boolean {
  const { stream, socket } = request as { readonly stream?: unknown; readonly socket?: unknown }
  // HTTP/2. Its sockets throw when asked late.
  if (stream instanceof Stream) return false
  if (typeof socket !== 'object' || socket === null) return false
  return !(socket instanceof Stream) || Object.getPrototypeOf(socket) === PassThrough.prototype
}

/** TLS sockets have `encrypted: true`; an injected request has no Node socket at all. */
function isEncrypted(raw: RawRequest): boolean {
  const socket = raw.socket as { readonly encrypted?: unknown } | undefined
  return socket?.encrypted === true
}

/**
 * Header lines that Node keeps of an HTTP/1 request unless `server.maxHeadersCount` says otherwise.
 */
const NODE_DEFAULT = 1000

/** On a socket: `maxHeadersCount` of the server that accepted it. */
const MAX_HEADERS: unique symbol = Symbol.for('truehop.max-headers-count/1')

interface Limited {
  [MAX_HEADERS]?: number
}

/** Records on a connection how many header lines the server that accepted it keeps. */
export function noteHeaderLimit(connection: object, server: Server): void {
  const limited = connection as Limited
  limited[MAX_HEADERS] ??= maxHeadersCountOf(server) ?? NODE_DEFAULT
}

/** What Node publishes, synchronously, for each HTTP/1 request before any other code sees it. */
const REQUEST_START = 'http.server.request.start'

let isWatching = false

/**
 * From now on, notes the limit of every connection at its first request, whichever server of this
 * process it came to: for a framework that hides its servers. If the limit of a connection is still
 * not known, any number of header lines may have been dropped.
 */
export function watchHeaderLimits(): void {
  if (isWatching) return
  isWatching = true
  subscribe(REQUEST_START, (message) => {
    const { socket, server } = message as { readonly socket: Socket; readonly server: Server }
    noteHeaderLimit(socket, server)
  })
}

/** Whether a request may have had more header lines than it has now; see mayLackHeaders. */
function isTruncated(request: RawRequest): boolean {
  // HTTP/2 ends a stream that has too many header lines; and its sockets throw when asked late.
  if (request.httpVersionMajor !== 1) return false
  const { socket, rawHeaders } = request
  const limit = (socket as Limited | undefined)?.[MAX_HEADERS]
  if (limit === undefined && isWatching && socket instanceof Socket) return true
  return mayLackHeaders(rawHeaders, limit)
}

/**
 * Whether an HTTP/1 request may have had more header lines than Node kept. Some versions silently
 * drop the rest (including 20 and 25; others answer 431), and 4 KB of lines from a client are
 * enough to push out the line that a proxy appends to them.
 *
 * A request that fills the limit to the last line counts as cut off: the two look the same.
 *
 * `rawHeaders` is name, value, name, value, …; with `maxHeadersCount` 0 Node keeps all.
 */
export function mayLackHeaders(
  rawHeaders: readonly string[] | undefined,
  maxHeadersCount = NODE_DEFAULT,
): boolean {
  return maxHeadersCount > 0 && (rawHeaders?.length ?? 0) >= 2 * maxHeadersCount
}

/** The server's own setting, if any. 0: it keeps all lines. */
function maxHeadersCountOf(server: Server): number | undefined {
  return (server as { readonly maxHeadersCount?: number | null }).maxHeadersCount ?? undefined
}
