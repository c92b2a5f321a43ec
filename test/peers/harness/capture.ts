import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Service } from './service.js'

/** A server that answers every HTTP request with 204 and keeps the bytes it came with. */
export interface Capture extends Service {
  readonly port: number
  /** What the last connection sent until its first request was complete. */
  lastBytes(): Buffer
}

const END_OF_REQUEST = '\r\n\r\n'
const ANSWER = 'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n'

export async function startCapture(): Promise<Capture> {
  let last: Buffer = Buffer.alloc(0)
  const server = createServer((socket: Socket) => {
    let bytes: Buffer = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      // The signature of version 2 has line breaks too: look behind the request line.
      const request = bytes.indexOf('GET ')
      if (request < 0 || bytes.indexOf(END_OF_REQUEST, request) < 0) return
      last = bytes
      socket.end(ANSWER)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    server.close()
    await once(server, 'close')
  }
  return { port, lastBytes: () => last, stop }
}
