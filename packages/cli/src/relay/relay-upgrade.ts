import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { onward } from './onward-headers.js'
import { isStatus, noStatus, requestTo, UNREACHABLE } from './relay-request.js'
import { type RelayContext, relayedRequest } from './relayed.js'
import { splice } from './splice.js'
import { clientOf, connectFor } from './target.js'

/**
 * Relays a request that asks for another protocol, such as WebSocket, and from then on the
 * connection. An offer of HTTP/2 is not passed on: the request is answered over HTTP/1.
 */
export function relayUpgrade(
  incoming: IncomingMessage,
  socket: Socket,
  head: Buffer,
  { settings, onRelayed }: RelayContext,
): void {
  const client = clientOf(socket, settings)
  const { upgrade = '' } = incoming.headers
  const asked = { client, ...relayedRequest(incoming), upgrade }
  socket.on('error', () => {})
  if (hasBody(incoming)) {
    onRelayed({ ...asked, error: 'a request with a body and an upgrade is not relayed' })
    socket.end('HTTP/1.1 501 Not Implemented\r\nConnection: close\r\n\r\n')
    return
  }
  const target = connectFor(socket, settings)
  if (target === undefined) return
  const options = /^h2c$/i.test(upgrade) ? { client } : { client, upgrade }
  const outgoing = requestTo(target, incoming, onward(incoming.rawHeaders, options), settings)
  socket.once('close', () => target.destroy())
  let hasBegun = false
  const fail = (error: string): void => {
    onRelayed({ ...asked, error })
    if (hasBegun) socket.destroy()
    else socket.end(`HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n${UNREACHABLE}`)
  }
  outgoing.on('error', ({ message }) => fail(message))
  outgoing.once('response', (answer) => {
    const { statusCode: status = 0 } = answer
    if (!isStatus(status)) {
      target.destroy()
      fail(noStatus(status))
      return
    }
    hasBegun = true
    onRelayed({ ...asked, status })
    socket.write(headOf(answer, ['Connection', 'close']))
    answer.on('error', () => socket.destroy())
    answer.pipe(socket)
  })
  outgoing.once('upgrade', (answer, upgraded: Socket, first) => {
    hasBegun = true
    socket.write(headOf(answer, ['Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? '']))
    socket.write(first)
    upgraded.write(head)
    splice(socket, upgraded, (error) => {
      onRelayed({ ...asked, status: 101, ...(error === undefined ? {} : { error }) })
    })
  })
  outgoing.end()
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
}

/** The head of an answer as text: there is no response object for a socket that was upgraded. */
function headOf(
  { statusCode = 502, rawHeaders }: IncomingMessage,
  more: readonly string[],
): string {
  const fields = [...onward(rawHeaders), ...more]
  const lines = [`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`]
  for (let at = 0; at < fields.length; at += 2) lines.push(`${fields[at]}: ${fields[at + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
