import { createServer, type Server, type Socket } from 'node:net'
import { type ConversationSettings, converse, type Seen } from './conversation.js'

export interface ListenSettings extends ConversationSettings {
  /** Connections at a time; more are closed unseen. */
  readonly maxConnections: number
}

/** A connection that has been looked at. */
export interface SeenConnection extends Seen {
  /** From 1, in the order of their arrival. */
  readonly number: number
  readonly peer: string | undefined
  readonly peerPort: number | undefined
}

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

/** A server that looks at the first bytes of each connection, and answers so that curl is content. */
export function firstBytesServer(
  settings: ListenSettings,
  onSeen: (seen: SeenConnection) => void,
): FirstBytesServer {
  const unseen = new Set<Socket>()
  const answered = new Set<Socket>()
  let number = 0
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    number++
    const from = { number, peer: socket.remoteAddress, peerPort: socket.remotePort }
    unseen.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => answered.delete(socket))
    const seen = await converse(socket, settings)
    unseen.delete(socket)
    if (!socket.destroyed) answered.add(socket)
    onSeen({ ...from, ...seen })
    linger(socket)
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
