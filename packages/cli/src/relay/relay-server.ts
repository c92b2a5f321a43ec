import {
  createServer as createHttpServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { proxyEvidence } from '@truehop/proxy-protocol'
import { onward } from './onward-headers.js'
import { connectFor, type RelaySettings } from './target.js'

/** A connection or a request that was relayed. */
export interface Relayed {
  /** As the target is told. */
  readonly client: string
  readonly what: string
  readonly error?: string
}

export interface Relay {
  readonly server: Server
  /** Ends what is under way, so that the server can close. */
  end(): void
}

/** Milliseconds without a byte after which a connection ends. */
const IDLE = 60_000

/** A server that relays connections, or with `appendXff` requests. */
export function makeRelay(settings: RelaySettings, onRelayed: (relayed: Relayed) => void): Relay {
  const open = new Set<Socket>()
  const server = settings.appendXff
    ? createHttpServer((request, response) => relayRequest(request, response, settings, onRelayed))
    : createServer({ allowHalfOpen: true }, (socket) =>
        relayConnection(socket, settings, onRelayed),
      )
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

function clientText(socket: Socket, { client }: RelaySettings): string {
  return client?.host ?? proxyEvidence(socket).peer ?? 'unknown'
}

function relayConnection(
  socket: Socket,
  settings: RelaySettings,
  onRelayed: (relayed: Relayed) => void,
): void {
  const client = clientText(socket, settings)
  const target = connectFor(socket, settings)
  if (target === undefined) return
  let error: string | undefined
  for (const [one, other] of [
    [socket, target],
    [target, socket],
  ] as const) {
    one.setTimeout(IDLE, () => one.destroy())
    one.on('error', (reason) => {
      error ??= reason.message
    })
    one.once('close', () => other.destroy())
    one.pipe(other)
  }
  target.once('close', () => {
    const { bytesRead, bytesWritten } = target
    const what = `connection, ${bytesWritten} bytes sent, ${bytesRead} received`
    onRelayed({ client, what, ...(error === undefined ? {} : { error }) })
  })
}

function relayRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  settings: RelaySettings,
  onRelayed: (relayed: Relayed) => void,
): void {
  const { socket, method = 'GET', url: path = '/', rawHeaders } = incoming
  const client = clientText(socket, settings)
  const fail = (error: string): void => {
    onRelayed({ client, what: `${method} ${path}`, error })
    if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' })
    response.end('the target cannot be reached\n')
  }
  const target = connectFor(socket, settings)
  if (target === undefined) return
  target.on('error', () => {})
  const { host, port } = settings.to
  const headers = onward(rawHeaders, client)
  const outgoing = request({ host, port, method, path, headers, createConnection: () => target })
  outgoing.setTimeout(IDLE, () => outgoing.destroy(new Error('no answer in time')))
  outgoing.once('error', (error) => fail(error.message))
  outgoing.once('response', (answer) => {
    onRelayed({ client, what: `${method} ${path} ${answer.statusCode}` })
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, onward(answer.rawHeaders))
    answer.on('error', () => response.destroy())
    answer.pipe(response)
  })
  response.once('close', () => target.destroy())
  incoming.pipe(outgoing)
}
