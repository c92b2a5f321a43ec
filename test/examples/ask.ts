import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { json } from 'node:stream/consumers'

/** A request as a proxy sends it. */
export interface Asked {
  /** Default `/`. */
  readonly path?: string
  /** Headers of the request. */
  readonly headers?: Readonly<Record<string, string>>
  /** What stands before the request: PROXY headers. */
  readonly preamble?: Uint8Array
}

/** The answer's body, parsed. `to` is a port on 127.0.0.1 or the path of a Unix socket. */
export async function ask(to: number | string, asked: Asked): Promise<unknown> {
  const sent = request({
    path: asked.path ?? '/',
    headers: { host: 'app.example', connection: 'close', ...asked.headers },
    timeout: 10_000,
    createConnection: () => {
      const socket = typeof to === 'number' ? connect(to, '127.0.0.1') : connect(to)
      if (asked.preamble !== undefined) socket.write(asked.preamble)
      return socket
    },
  })
  sent.end()
  const [answer]: IncomingMessage[] = await once(sent, 'response')
  return answer === undefined ? undefined : json(answer)
}
