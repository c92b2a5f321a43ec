import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { type Cut, FirstBytes } from '../edges/first-bytes.js'

/** Relative to the top of the workspace: this file also runs from where it was compiled to. */
const PEM = readFileSync('packages/proxy-protocol/test/fixtures/localhost.pem')
export const TLS = { key: PEM, cert: PEM }

export interface Way {
  readonly port: number
  readonly secure: boolean
  readonly from: string
  readonly before: Uint8Array
  readonly cut: Cut
}

export interface Reply {
  readonly status: number
  readonly body: string
}

const HEAD_END = Buffer.from('\r\n\r\n')

/** A client's connection that gives every byte it gets to a reply, and counts what is left over. */
export class Connection {
  readonly #socket: Socket
  readonly #stream: Duplex
  #received = Buffer.alloc(0)
  #ended = false
  #wake: () => void = () => {}

  private constructor(socket: Socket, stream: Duplex) {
    this.#socket = socket
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    for (const event of ['end', 'close', 'error']) {
      stream.on(event, () => {
        this.#ended = true
        this.#wake()
      })
    }
  }

  /** Rejects where the server ends the connection before TLS is set up. */
  static async open({ port, secure, from, before, cut }: Way): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from, noDelay: true })
    socket.on('error', () => {})
    await once(socket, 'connect')
    const first = new FirstBytes(socket, before, cut)
    first.on('error', () => {})
    if (!secure) return new Connection(socket, first)
    const tls = connectTls({ socket: first, ca: PEM, servername: 'localhost' })
    tls.on('error', () => {})
    await Promise.race([
      once(tls, 'secureConnect'),
      once(tls, 'close').then(() => Promise.reject(new Error('the server ended it'))),
    ])
    return new Connection(socket, tls)
  }

  write(bytes: Uint8Array): void {
    if (!this.#ended) this.#stream.write(bytes)
  }

  /** The next reply, or undefined where the server ended the connection instead. */
  async reply(): Promise<Reply | undefined> {
    for (;;) {
      const reply = this.#take()
      if (reply !== undefined || this.#ended) return reply
      await new Promise<void>((wake) => {
        this.#wake = wake
      })
    }
  }

  /** Bytes that belong to no reply. */
  get leftOver(): number {
    return this.#received.length
  }

  reset(): void {
    this.#socket.resetAndDestroy()
    this.#stream.destroy()
  }

  close(): void {
    this.#stream.destroy()
    this.#socket.destroy()
  }

  #take(): Reply | undefined {
    const end = this.#received.indexOf(HEAD_END)
    if (end === -1) return undefined
    const head = this.#received.toString('latin1', 0, end)
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
    const start = end + HEAD_END.length
    if (this.#received.length < start + length) return undefined
    const body = this.#received.toString('utf8', start, start + length)
    this.#received = this.#received.subarray(start + length)
    return { status: Number(head.slice(9, 12)), body }
  }
}
