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
  /** Ends what is under way, so that the server can close. */
  end(): void
}

/** Milliseconds for the peer to send what it began, take the answer and close. */
const LINGER = 60_000

/** A server that looks at the first bytes of each connection, and answers so that curl is content. */
export function firstBytesServer(
  settings: ListenSettings,
  onSeen: (seen: SeenConnection) => void,
): FirstBytesServer {
  const open = new Set<Socket>()
  let number = 0
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    number++
    const from = { number, peer: socket.remoteAddress, peerPort: socket.remotePort }
    open.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => open.delete(socket))
    onSeen({ ...from, ...(await converse(socket, settings)) })
    linger(socket)
  })
  server.maxConnections = settings.maxConnections
  return {
    server,
    end() {
      for (const socket of open) socket.destroy()
    },
  }
}

function linger(socket: Socket): void {
  if (socket.destroyed) return
  const timer = setTimeout(() => socket.destroy(), LINGER)
  socket.once('close', () => clearTimeout(timer))
}
