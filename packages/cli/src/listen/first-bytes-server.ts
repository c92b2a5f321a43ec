import { createServer, type Server, type Socket } from 'node:net'
import { type Dissection, dissect } from '../dissect/dissection.js'
import { goodbye } from './goodbye.js'

export interface ListenSettings {
  /** Bytes kept of a connection. */
  readonly maxBytes: number
  /** Connections at a time; more are closed unseen. */
  readonly maxConnections: number
  /** Milliseconds from the accept until what has come is all that counts. */
  readonly timeout: number
}

/** A connection that has been looked at. */
export interface Seen {
  /** From 1, in the order of their arrival. */
  readonly number: number
  readonly peer: string | undefined
  readonly peerPort: number | undefined
  readonly dissection: Dissection
  readonly byteLength: number
  /** Why nothing more was waited for. */
  readonly ended: 'settled' | 'closed' | 'deadline' | 'full'
}

/** Milliseconds for the peer to take the answer and close. */
const LINGER = 2000

/** A server that looks at the first bytes of each connection, and answers so that curl is content. */
export function firstBytesServer(settings: ListenSettings, onSeen: (seen: Seen) => void): Server {
  let number = 0
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    number++
    look(socket, settings, number, onSeen)
  })
  server.maxConnections = settings.maxConnections
  return server
}

function look(
  socket: Socket,
  { maxBytes, timeout }: ListenSettings,
  number: number,
  onSeen: (seen: Seen) => void,
): void {
  const { remoteAddress: peer, remotePort: peerPort } = socket
  let bytes = Buffer.alloc(0)
  let isDone = false
  const finish = (ended: Seen['ended']): void => {
    if (isDone) return
    isDone = true
    clearTimeout(timer)
    const dissection = dissect(bytes)
    onSeen({ number, peer, peerPort, dissection, byteLength: bytes.length, ended })
    answer(socket, dissection)
  }
  const timer = setTimeout(finish, timeout, 'deadline')
  socket.on('error', () => {})
  socket.on('close', () => finish('closed'))
  socket.on('end', () => finish('closed'))
  socket.on('data', (chunk) => {
    if (isDone) return
    bytes = Buffer.concat([bytes, chunk]).subarray(0, maxBytes)
    if (dissect(bytes).settled) finish('settled')
    else if (bytes.length === maxBytes) finish('full')
  })
}

/** What still comes is read and dropped: closing over it would reset the answer away. */
function answer(socket: Socket, { layers }: Dissection): void {
  const last = layers.at(-1)
  socket.end(last === undefined ? '' : goodbye(last))
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), LINGER)
  socket.once('close', () => clearTimeout(timer))
  if (socket.destroyed) clearTimeout(timer)
}
