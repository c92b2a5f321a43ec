import { PassThrough, Stream } from 'node:stream'
import type { RawRequest } from './raw-request.js'

/**
 * Whether a request came over no connection at all: made by an adapter of an event that a serverless
 * platform calls the program with, or by `inject` in a test. What stands in for the socket there is
 * no stream, or with serverless-http a `PassThrough`, which has no other end.
 *
 * False for everything that a server accepted, closed connections and streams handed to a server by
 * `emit('connection')` included: what is trusted of an event must be out of reach of any of them.
 */
export function isEvent(request: RawRequest): boolean {
  const { stream, socket } = request as { readonly stream?: unknown; readonly socket?: unknown }
  // HTTP/2. Its sockets throw when asked late.
  if (stream instanceof Stream) return false
  if (typeof socket !== 'object' || socket === null) return false
  return !(socket instanceof Stream) || Object.getPrototypeOf(socket) === PassThrough.prototype
}
