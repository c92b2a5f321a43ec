import type { Socket } from 'node:net'
import { dissect, type Layer } from '../dissect/dissection.js'
import type { RelayContext } from './relayed.js'
import { clientOf } from './target.js'

/** What came in place of an HTTP/1 request, in words. */
const NAMES: Readonly<Record<Layer['kind'], string>> = {
  http2: 'HTTP/2',
  tls: 'TLS',
  proxy: 'a PROXY header',
  malformed: 'a malformed PROXY header',
  http: 'a request that cannot be parsed',
  other: 'bytes that are not HTTP',
}

const WHY = '--append-xff relays HTTP/1 in the clear; leave it out to relay connections as they are'

/** An empty SETTINGS frame, then GOAWAY with HTTP_1_1_REQUIRED, RFC 9113 sections 6.5, 6.8 and 7. */
const HTTP_1_1_REQUIRED = Buffer.from(
  '000000040000000000' + '000008070000000000' + '000000000000000d',
  'hex',
)
const BAD_REQUEST = `HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n${WHY}\n`

/** Answers a client that does not speak HTTP/1, in its own protocol if possible. */
export function turnAway(
  error: Error & { readonly rawPacket?: unknown },
  socket: Socket,
  { settings, onRelayed }: RelayContext,
): void {
  if (!socket.writable) return
  const bytes = Buffer.isBuffer(error.rawPacket) ? error.rawPacket : Buffer.alloc(0)
  const [first] = dissect(bytes).layers
  const kind = first?.kind ?? 'http'
  onRelayed({
    client: clientOf(socket, settings),
    kind: 'refused',
    spoken: NAMES[kind],
    error: WHY,
  })
  socket.end(kind === 'http2' ? HTTP_1_1_REQUIRED : kind === 'tls' ? '' : BAD_REQUEST)
}
