import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { proxyLine } from '../../../../test/bytes/proxy-header.js'

export interface RawOptions {
  /** Our end of the connection: any address of 127.0.0.0/8. */
  readonly localAddress?: string
}

/** A client connection that writes what it is told; its errors are of no interest. */
export async function rawClient(port: number, options: RawOptions = {}): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, ...options })
  socket.on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
  })
  await once(socket, 'connect')
  return socket
}

/** Resolves, with everything received, when the other side has ended or reset the connection. */
export function ended(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  return new Promise((resolve) => {
    if (socket.destroyed) resolve(text)
    socket.once('end', () => resolve(text))
    socket.once('close', () => resolve(text))
  })
}

/** Resolves when `condition` holds; asked again on every turn of the event loop, for at most 10 s. */
export async function until(condition: () => boolean): Promise<void> {
  for (const start = Date.now(); Date.now() - start < 10_000; ) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error(`not within 10 s: ${condition}`)
}

/** Nobody in this process has a turn for so many milliseconds, and no core is kept busy. */
export function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** A version 1 header from `source` port 1 to 198.51.100.1 port 2. */
export function v1(source: string): string {
  return proxyLine(source, '198.51.100.1', [1, 2])
}
