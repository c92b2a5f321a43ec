import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { turnAway } from './foreign-protocol.js'
import { relayRequest } from './relay-request.js'
import { relayUpgrade } from './relay-upgrade.js'
import type { RelayContext, Relayed } from './relayed.js'
import { splice } from './splice.js'
import { clientOf, connectFor, type RelaySettings } from './target.js'

export interface Relay {
  readonly server: Server
  /** Ends whatever is in progress, so that the server can close. */
  end(): void
}

/** A server that relays connections, or with `appendXff` requests. */
export function makeRelay(settings: RelaySettings, onRelayed: (relayed: Relayed) => void): Relay {
  const open = new Set<Socket>()
  const context = { settings, onRelayed }
  const server = settings.appendXff ? requestRelay(context) : connectionRelay(context)
  server.maxConnections = settings.maxConnections
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return {
    server,
    end() {
      for (const socket of open) socket.destroy()
    },
  }
}

function connectionRelay(context: RelayContext): Server {
  return createServer({ allowHalfOpen: true }, (socket) => relayConnection(socket, context))
}

function requestRelay(context: RelayContext): Server {
  const server = createHttpServer((request, response) => relayRequest(request, response, context))
  server.on('upgrade', (request, socket: Socket, head) => {
    relayUpgrade(request, socket, head, context)
  })
  server.on('clientError', (error, socket: Socket) => turnAway(error, socket, context))
  return server
}

function relayConnection(socket: Socket, { settings, onRelayed }: RelayContext): void {
  const client = clientOf(socket, settings)
  const target = connectFor(socket, settings)
  if (target === undefined) return
  splice(socket, target, (error) => {
    const { bytesRead, bytesWritten } = target
    const counted = { bytesSent: bytesWritten, bytesReceived: bytesRead }
    onRelayed({
      client,
      kind: 'connection',
      ...counted,
      ...(error === undefined ? {} : { error }),
    })
  })
}
