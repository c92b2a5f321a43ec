import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { Listening } from './listening.js'

export interface EdgeOptions {
  /** Where it connects from. */
  readonly address: string
  readonly listenAt: readonly string[]
  readonly target: Listening
  /** What it appends to `X-Forwarded-For` for a client with this address. */
  readonly entryFor: (client: string) => string
}

/**
 * An HTTP reverse proxy that appends its client to `X-Forwarded-For` and leaves what stands there
 * as it came: what nginx does with `$proxy_add_x_forwarded_for`.
 */
export function startEdge(options: EdgeOptions): Promise<Listening> {
  return Listening.at(options.listenAt, () =>
    createServer((incoming, response) => {
      pass(incoming, response, options)
    }),
  )
}

function pass(incoming: IncomingMessage, response: ServerResponse, options: EdgeOptions): void {
  const { address, target, entryFor } = options
  const door = target.facing(address)
  const entry = entryFor(incoming.socket.remoteAddress ?? 'unknown')
  const before = incoming.headers['x-forwarded-for']
  const outgoing = request({
    host: door.address,
    port: door.port,
    localAddress: address,
    method: incoming.method,
    path: incoming.url,
    headers: {
      ...incoming.headers,
      'x-forwarded-for': before === undefined ? entry : `${before}, ${entry}`,
      connection: 'close',
    },
    agent: false,
  })
  outgoing.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  outgoing.on('error', () => {
    response.writeHead(502).end()
  })
  incoming.pipe(outgoing)
}
