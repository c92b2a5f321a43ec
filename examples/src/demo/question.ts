import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import type { Door } from './listening.js'

export interface Question {
  /** The address to ask from. */
  readonly from: string
  readonly to: Door
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Bytes before the request: a PROXY header. */
  readonly preamble?: Uint8Array | undefined
}

export interface Answer {
  /** Undefined where the connection ended without an answer. */
  readonly status: number | undefined
}

const PATIENCE_MS = 5000

/** One request on a connection of its own. Fails where the answer takes longer than five seconds. */
export async function ask(question: Question): Promise<Answer> {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const asked = send(question, patience)
  try {
    const [answer]: IncomingMessage[] = await once(asked, 'response')
    answer?.resume()
    return { status: answer?.statusCode }
  } catch (error) {
    if (patience.aborted) throw error
    return { status: undefined }
  }
}

function send({ from, to, path, headers, preamble }: Question, signal: AbortSignal): ClientRequest {
  const asked = request({
    path,
    signal,
    headers: { host: 'app.example', connection: 'close', ...headers },
    createConnection: () => {
      const socket = connect({ host: to.address, port: to.port, localAddress: from })
      if (preamble !== undefined) socket.write(preamble)
      return socket
    },
  })
  return asked.end()
}
