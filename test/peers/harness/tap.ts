import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Service } from './service.js'

/** What passed on one connection, in the order in which it passed. */
export interface Passed {
  readonly by: 'proxy' | 'service'
  readonly text: string
}

/** Stands between a proxy and a service, and keeps the end of each PROXY header back for a while. */
export interface Tap extends Service {
  readonly port: number
  /** What passed on the last connection. */
  passed(): readonly Passed[]
}

/** Long enough for a service that would speak too early to have spoken. */
const HOLD_MS = 100

/**
 * Passes on what a proxy sends to 127.0.0.1:`to`, but the last byte of the first segment, which
 * follows later. A proxy that connects for a client that waits sends its header and nothing else.
 */
export async function startTap(to: number): Promise<Tap> {
  let last: Passed[] = []
  const open = new Set<Socket>()
  const server = createServer({ noDelay: true }, (proxy) => {
    const passed: Passed[] = []
    last = passed
    const service = connect({ host: '127.0.0.1', port: to, noDelay: true })
    for (const socket of [proxy, service]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        proxy.destroy()
        service.destroy()
      })
    }
    service.on('data', (chunk: Buffer) => {
      passed.push({ by: 'service', text: chunk.toString('latin1') })
      proxy.write(chunk)
    })
    const pass = (chunk: Buffer): void => {
      passed.push({ by: 'proxy', text: chunk.toString('latin1') })
      service.write(chunk)
    }
    proxy.once('data', async (first: Buffer) => {
      proxy.pause()
      pass(first.subarray(0, -1))
      await delay(HOLD_MS)
      pass(first.subarray(-1))
      proxy.on('data', pass)
      proxy.resume()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
  }
  return { port, passed: () => last, stop }
}
