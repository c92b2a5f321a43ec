import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Server, Socket } from 'node:net'
import { ListenerGates } from './listener-gates.js'

/**
 * Passes a server a socket that already has payload in its buffer, so that the server meets it as
 * if the kernel had delivered it after accepting the connection.
 *
 * Servers of net, tls, http and https read a buffer on a later tick, when their listeners are there
 * and the socket is still alive. A session of HTTP/2 in clear text (h2c) reads it on the next tick
 * too, but differs from one that reads from the kernel in two ways, each of which could end the
 * process:
 *
 *     from the kernel   HEADERS  ->  'stream' listeners  ->  RST_STREAM
 *     from the buffer   HEADERS  ->  RST_STREAM  ->  'stream' listeners
 *
 * 1. Frames from a buffer are read by a call from JavaScript, and no tick comes between two of them.
 *    A stream that was reset, or whose session broke, in the same read is over when the listeners
 *    get it, and throws `ERR_HTTP2_INVALID_STREAM` at the first answer, even at Node's own
 *    `100 Continue`. Such a stream is kept from them: its client has cancelled it, and no work was
 *    begun (RFC 9113 sections 5.1 and 8.7).
 * 2. The buffer is read even if a listener has meanwhile ended the session or the socket, as one
 *    that bans addresses does; what has ended must get nothing more, so the buffer is emptied.
 *
 * There is no public way to have a session read from a buffer frame by frame: it consumes the
 * socket's handle, and a stream in between would lose the socket's addresses.
 */
export class HandOver {
  #server: Server
  #letThrough: (socket: Socket) => void
  #announced: ServerHttp2Session | undefined

  constructor(server: Server, letThrough: (socket: Socket) => void) {
    this.#server = server
    this.#letThrough = letThrough
    server.prependListener('session', this.#onSession)
  }

  give(socket: Socket): void {
    if (socket.readableLength === 0) this.#letThrough(socket)
    else this.#giveFilled(socket)
  }

  #giveFilled(socket: Socket): void {
    const session = this.#sessionMadeOf(socket)
    if (socket.destroyed || session?.destroyed === true) empty(socket)
    else if (session !== undefined) keepBackEnded(session)
  }

  /** Lets the socket through, and returns the session that an h2c server made of it. */
  #sessionMadeOf(socket: Socket): ServerHttp2Session | undefined {
    const outer = this.#announced
    this.#announced = undefined
    this.#letThrough(socket)
    const session = this.#announced
    this.#announced = outer
    return session
  }

  remove(): void {
    this.#server.removeListener('session', this.#onSession)
  }

  #onSession = (session: ServerHttp2Session): void => {
    this.#announced = session
  }
}

/** Without its listeners: `read` passes them what it reads. */
function empty(socket: Socket): void {
  socket.removeAllListeners('data')
  while (socket.read() !== null);
}

/**
 * Keeps streams that are over from the session's listeners until the buffer has been read. By now
 * Node has queued its reading of the buffer as a tick, and queues each `stream` event during it:
 * the tick after the next one comes after them all.
 */
function keepBackEnded(session: ServerHttp2Session): void {
  const gates = new ListenerGates(session, 'stream', (stream) =>
    isAlive(stream as ServerHttp2Stream),
  )
  gates.putUp()
  process.nextTick(() => process.nextTick(() => gates.remove()))
}

function isAlive(stream: ServerHttp2Stream): boolean {
  if (!stream.destroyed && !stream.closed) return true
  // Nothing else listens for why it ended.
  stream.on('error', ignore)
  return false
}

function ignore(): void {}
