import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import type { Credentials } from './certificate.js'
import { reasonOf } from './first-bytes.js'

/**
 * Takes the server's part in the TLS handshake that a connection begins with. Resolves to what is
 * inside, or to why there was no handshake.
 */
export function acceptTls(
  socket: Socket,
  credentials: Credentials,
  deadline: AbortSignal,
): Promise<TLSSocket | string> {
  const server = createServer({ ...credentials, ALPNCallback: chosenProtocol })
  // A handshake that the peer abandons would otherwise stay half open until the deadline.
  socket.allowHalfOpen = false
  return new Promise((resolve) => {
    server.once('secureConnection', (secure) => {
      // The peer may still reject the certificate.
      secure.on('error', () => {})
      deadline.removeEventListener('abort', onDeadline)
      resolve(secure)
    })
    server.once('tlsClientError', (error) => resolve(reasonOf(error)))
    socket.once('close', () => resolve('the peer closed'))
    const onDeadline = (): void => {
      resolve('not done in time')
      socket.destroy()
    }
    deadline.addEventListener('abort', onDeadline)
    server.emit('connection', socket)
  })
}

/**
 * A protocol that can be answered, or else anything the client asks for: its first bytes should be
 * seen too.
 */
function chosenProtocol({ protocols }: { readonly protocols: string[] }): string | undefined {
  return protocols.find((name) => name === 'h2' || name === 'http/1.1') ?? protocols[0]
}
