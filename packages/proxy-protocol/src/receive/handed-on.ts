import { Socket } from 'node:net'
import { READ_BEFORE } from './carrier.js'
import {
  type ConnectionEvidence,
  handedEvidence,
  NOBODY,
  readEvidence,
  readOff,
} from './evidence.js'

/**
 * How a socket gets to a receiver.
 *
 *     accepted ──────────────────────────────> new
 *     another receiver ──> code ─┬───────────> received     its payload as it came
 *                                └─> reads it ─> read        CONNECT, an upgrade, a preamble
 *     code that stores evidence ─────────────> vouched
 */
export interface Past {
  readonly state: 'new' | 'received' | 'read' | 'vouched'
  readonly evidence: ConnectionEvidence
}

interface Marked extends Socket {
  [READ_BEFORE]?: number | undefined
}

/**
 * Records how much had been read from the socket when a receiver passed it to its server. Once
 * only.
 */
export function markHandedOn(socket: Socket): void {
  const marked: Marked = socket
  marked[READ_BEFORE] ??= readOff(socket)
}

/**
 * What to make of a socket that is emitted on a server.
 *
 * A connection's evidence is about who wrote its beginning. Code that passes a socket on after
 * reading something from it, such as the request line of a CONNECT, passes on what the opener of
 * the tunnel writes: the hop below adds nothing there, and its trust must not count. A header in
 * there would be the opener's own. So the connection has no peer, like the stream of an HTTP/2
 * CONNECT.
 */
export function pastOf(socket: Socket): Past {
  const handed = handedEvidence(socket)
  const marked: Marked = socket
  const before = marked[READ_BEFORE]
  if (handed !== undefined && before === undefined) return { state: 'vouched', evidence: handed }
  if (isReadSince(socket, before)) return { state: 'read', evidence: NOBODY }
  if (handed !== undefined) return { state: 'received', evidence: handed }
  return { state: 'new', evidence: { ...readEvidence(socket), received: true } }
}

function isReadSince(socket: Socket, before: number | undefined): boolean {
  if (before !== undefined) return readOff(socket) !== before
  // Other streams count what is below them: TLS counts its handshake, for instance.
  return Object.getPrototypeOf(socket) === Socket.prototype && readOff(socket) > 0
}
