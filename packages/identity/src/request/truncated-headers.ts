import { subscribe } from 'node:diagnostics_channel'
import { type Server, Socket } from 'node:net'
import type { RawRequest } from './raw-request.js'

/** Lines that Node keeps of an HTTP/1 request unless `server.maxHeadersCount` says otherwise. */
const NODE_DEFAULT = 1000

/** On a socket: `maxHeadersCount` of the server that accepted it. */
const MAX_HEADERS: unique symbol = Symbol.for('truehop.max-headers-count/1')

interface Limited {
  [MAX_HEADERS]?: number
}

/** Keeps on a connection how many header lines the server keeps that accepted it. */
export function noteHeaderLimit(connection: object, server: Server): void {
  const limited = connection as Limited
  limited[MAX_HEADERS] ??= maxHeadersCountOf(server) ?? NODE_DEFAULT
}

/** What Node publishes, synchronously, of each HTTP/1 request before any other code sees it. */
const REQUEST_START = 'http.server.request.start'

let isWatching = false

/**
 * From now on, notes the limit of every connection at its first request, whichever server of this
 * process it came to: for a framework that hides its servers. A connection whose limit is not
 * known all the same has unknown many header lines dropped.
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
export function isTruncated(request: RawRequest): boolean {
  // HTTP/2 ends a stream that has too many header lines; and its sockets throw when asked late.
  if (request.httpVersionMajor !== 1) return false
  const { socket, rawHeaders } = request
  const limit = (socket as Limited | undefined)?.[MAX_HEADERS]
  if (limit === undefined && isWatching && socket instanceof Socket) return true
  return mayLackHeaders(rawHeaders, limit)
}

/**
 * Whether an HTTP/1 request may have had more header lines than Node kept. Some versions drop
 * the rest without a word (20 and 25 among them; others answer 431), and 4 KB of lines that a
 * client sends are enough to push out the line that a proxy appends to them.
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

/** The server's own setting, if any. 0: it keeps all. */
function maxHeadersCountOf(server: Server): number | undefined {
  return (server as { readonly maxHeadersCount?: number | null }).maxHeadersCount ?? undefined
}
