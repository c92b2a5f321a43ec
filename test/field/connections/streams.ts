import { once } from 'node:events'
import { connect, createServer, type ServerHttp2Stream } from 'node:http2'
import { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'
import { listening } from './servers.js'

/** A stream's two ends: the client's, and what a server has of it. */
export type Ends = readonly [near: Duplex, far: Duplex]

/** A tunnel through an HTTP/2 server. */
export async function connectStream(): Promise<Ends> {
  const server = createServer()
  const opened = once(server, 'stream')
  const session = connect(`http://127.0.0.1:${await listening(server)}`)
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
