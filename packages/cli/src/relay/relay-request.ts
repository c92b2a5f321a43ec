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
  const fail = (error: string): void => {
    onRelayed({ ...asked, error })
    // An answer that has begun can only be broken off: anything more would be taken for the rest of
    // it.
    if (response.headersSent) response.destroy()
    else response.writeHead(502, { 'content-type': 'text/plain' }).end(UNREACHABLE)
  }
  outgoing.on('error', ({ message }) => fail(message))
  outgoing.once('response', (answer) => {
    const { statusCode: status = 0 } = answer
    if (!isStatus(status)) {
      target.destroy()
      fail(noStatus(status))
      return
    }
    onRelayed({ ...asked, status })
    response.writeHead(status, answer.statusMessage, onward(answer.rawHeaders))
    answer.on('error', () => response.destroy())
    answer.pipe(response)
  })
  response.once('close', () => target.destroy())
  incoming.pipe(outgoing)
}

/** A status has three digits, the first not 0: RFC 9110 section 15. Node writes no other. */
export function isStatus(status: number): boolean {
  return status >= 100
}

export function noStatus(status: number): string {
  return `the target answered with ${status}, which is not a status`
}

/** The same request on a separate connection. */
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
