import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { onward } from './onward-headers.js'
import { type RelayContext, relayedRequest } from './relayed.js'
import { IDLE } from './splice.js'
import { clientOf, connectFor, type RelaySettings } from './target.js'

export const UNREACHABLE = 'the target cannot be reached\n'

/** Relays a request, the client appended to its `X-Forwarded-For`, and the answer. */
export function relayRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  { settings, onRelayed }: RelayContext,
): void {
  const client = clientOf(incoming.socket, settings)
  const asked = { client, ...relayedRequest(incoming) }
  const target = connectFor(incoming.socket, settings)
  if (target === undefined) return
  const outgoing = requestTo(target, incoming, onward(incoming.rawHeaders, { client }), settings)
  outgoing.once('error', ({ message: error }) => {
    onRelayed({ ...asked, error })
    if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' })
    response.end(UNREACHABLE)
  })
  outgoing.once('response', (answer) => {
    const { statusCode: status = 502 } = answer
    onRelayed({ ...asked, status })
    response.writeHead(status, answer.statusMessage, onward(answer.rawHeaders))
    answer.on('error', () => response.destroy())
    answer.pipe(response)
  })
  response.once('close', () => target.destroy())
  incoming.pipe(outgoing)
}

/** The same request on a connection of its own. */
export function requestTo(
  target: Socket,
  { method = 'GET', url: path = '/' }: IncomingMessage,
  headers: readonly string[],
  { to: { host, port } }: RelaySettings,
): ClientRequest {
  target.on('error', () => {})
  const createConnection = (): Socket => target
  const outgoing = request({ host, port, method, path, headers, createConnection })
  return outgoing.setTimeout(IDLE, () => outgoing.destroy(new Error('no answer in time')))
}
