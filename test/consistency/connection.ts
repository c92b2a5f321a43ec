import { once } from 'node:events'
import { connectTcp } from '../edges/client.js'

/** What one connection sends. */
export interface Sent {
  /** The client's own address, of 127.0.0.0/8. */
  readonly from: string
  /** PROXY headers. */
  readonly before: Uint8Array
  readonly requests: readonly SentRequest[]
  /** Whether every request goes out at once, or each one when the answer before it is in. */
  readonly pipelined: boolean
}

export interface SentRequest {
  readonly path: string
  readonly version: '1.0' | '1.1'
  /** Header lines as they go out, repeated names and all. */
  readonly lines: readonly string[]
}

/** Sends the requests of a connection as written, and returns the status of each answer. */
export async function send(port: number, sent: Sent): Promise<number[]> {
  const socket = await connectTcp({ port, from: sent.from })
  const answers = new Answers()
  socket.on('data', (chunk: Buffer) => answers.push(chunk))
  const end = (): void => answers.end()
  const ended = once(socket, 'close').then(end, end)
  try {
    const texts = sent.requests.map((request, i) => wire(request, i === sent.requests.length - 1))
    const [first = '', ...rest] = sent.pipelined ? [texts.join('')] : texts
    socket.write(Buffer.concat([sent.before, Buffer.from(first, 'latin1')]))
    for (const [i, text] of rest.entries()) {
      await answers.atLeast(i + 1)
      socket.write(text, 'latin1')
    }
    await answers.atLeast(sent.requests.length)
    return [...answers.statuses]
  } finally {
    socket.destroy()
    await ended
  }
}

function wire({ path, version, lines }: SentRequest, last: boolean): string {
  const connection = last ? 'Connection: close' : 'Connection: keep-alive'
  return [`GET ${path} HTTP/${version}`, 'Host: test', connection, ...lines, '', ''].join('\r\n')
}

/** The answers on one connection; they have no body, or one of which the length is told. */
class Answers {
  readonly statuses: number[] = []
  #text = ''
  #ended = false
  #wake = (): void => {}

  push(chunk: Buffer): void {
    this.#text += chunk.toString('latin1')
    for (let end = this.#text.indexOf('\r\n\r\n'); end >= 0; ) {
      const head = this.#text.slice(0, end)
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
      if (this.#text.length < end + 4 + length) break
      this.statuses.push(Number(head.slice(9, 12)))
      this.#text = this.#text.slice(end + 4 + length)
      end = this.#text.indexOf('\r\n\r\n')
    }
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  /** Waits until so many answers are in, or until none can come any more. */
  async atLeast(count: number): Promise<void> {
    while (this.statuses.length < count && !this.#ended) {
      await new Promise<void>((wake) => {
        this.#wake = wake
      })
    }
  }
}
