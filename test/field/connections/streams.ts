import { once } from 'node:events'
import { connect, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'
import { connected, HEADER } from './asking.js'
import { listening, receiving } from './servers.js'

/** A stream's two ends: the client's, and what a server has of it. */
export type Ends = readonly [near: Duplex, far: Duplex]

/** A tunnel through an HTTP/2 server. */
export async function connectStream(): Promise<Ends> {
  const server = createServer()
  return tunnel(server, await connected(await listening(server), ''))
}

/** A tunnel through an HTTP/2 server that has received a PROXY header on the connection below it. */
export async function receivedConnectStream(): Promise<Ends> {
  const server = receiving(createServer())
  return tunnel(server, await connected(await listening(server), HEADER))
}

async function tunnel(server: Http2Server, socket: Socket): Promise<Ends> {
  const opened = once(server, 'stream')
  const session = connect('http://127.0.0.1', { createConnection: () => socket })
  onTestFinished(() => session.destroy())
  const near = session.request({ ':method': 'CONNECT', ':authority': 'a.example:443' })
  const [far]: ServerHttp2Stream[] = await opened
  if (far === undefined) throw new Error('no stream was opened')
  far.respond({ ':status': 200 })
  return [near.on('error', () => {}), far]
}

/** Two streams in memory, each of which reads what is written to the other. */
export async function pair(): Promise<Ends> {
  const near: End = new End(() => far)
  const far: End = new End(() => near)
  return [near, far]
}

class End extends Duplex {
  readonly #other: () => Duplex

  constructor(other: () => Duplex) {
    super()
    this.#other = other
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.#other().push(chunk)
    done()
  }

  override _final(done: () => void): void {
    this.#other().push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#other().readableEnded) this.#other().push(null)
    done(error)
  }
}
