import { createServer, type Server, type Socket } from 'node:net'
import { type ConversationSettings, converse, type OnFurther, type Seen } from './conversation.js'

export interface ListenSettings extends ConversationSettings {
  /** Simultaneous connections; further ones are closed unseen. */
  readonly maxConnections: number
}

/** A connection, and where it is from. */
export interface Connection {
  /** From 1, in the order of their arrival. */
  readonly number: number
  readonly peer: string | undefined
  readonly peerPort: number | undefined
}

/** A connection that has been looked at. */
export interface SeenConnection extends Connection, Seen {}

export interface FirstBytesServer {
  readonly server: Server
  /**
   * Closes the server. Connections that have been seen are answered first, unless `now`; those
   * that have not are ended.
   */
  close(now: boolean): Promise<void>
}

/** Milliseconds for the peer to send what it began, take the answer and close. */
const LINGER = 60_000

/**
 * A server that looks at the first bytes of each connection, and answers so that curl succeeds.
 * `onSeen` is called for each connection, and returns the callback for further requests in it.
 */
export function firstBytesServer(
  settings: ListenSettings,
  onSeen: (seen: SeenConnection) => OnFurther,
): FirstBytesServer {
  const unseen = new Set<Socket>()
  const answered = new Set<Socket>()
  let number = 0
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    number++
    const from = { number, peer: socket.remoteAddress, peerPort: socket.remotePort }
    unseen.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => answered.delete(socket))
    // A further request may come in the same read as the first one, which is reported before it.
    const onFurther: OnFurther = (request) => void told.then((tell) => tell(request))
    const told = converse(socket, settings, onFurther).then((seen) => {
      unseen.delete(socket)
      if (!socket.destroyed) answered.add(socket)
      linger(socket)
      return onSeen({ ...from, ...seen })
    })
  })
  server.maxConnections = settings.maxConnections
  return {
    server,
    close(now) {
      for (const socket of [...unseen, ...(now ? answered : [])]) socket.destroy()
      return new Promise((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

function linger(socket: Socket): void {
  if (socket.destroyed) return
  const timer = setTimeout(() => socket.destroy(), LINGER)
  socket.once('close', () => clearTimeout(timer))
}
