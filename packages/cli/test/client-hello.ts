import { once } from 'node:events'
import { createServer } from 'node:net'
import { connect } from 'node:tls'

/** The first flight of Node's own TLS client. */
export async function helloOf(servername: string, ALPNProtocols: string[]): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const client = connect({ host: '127.0.0.1', port, servername, ALPNProtocols })
  client.on('error', () => {})
  const [socket] = await once(server, 'connection')
  socket.on('error', () => {})
  const [bytes] = await once(socket, 'data')
  client.destroy()
  socket.destroy()
  server.close()
  return bytes
}
