import { once } from 'node:events'
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { connect as connectH2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { type Cut, FirstBytes } from './first-bytes.js'
import { PEM } from './pem.js'

/** How a client connects. */
export interface Way {
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** The client's own address, any of 127.0.0.0/8. */
  readonly from?: string
  readonly secure?: boolean
  /** Offered in the TLS handshake. Default none. */
  readonly alpn?: readonly string[]
  /** Sent before everything else, TLS included. */
  readonly before?: Uint8Array
  /** How `before` and the first bytes after it are cut into segments. */
  readonly cut?: Cut
}

export interface Question {
  readonly method?: string
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A TCP connection. Errors after this are for whoever reads or writes to find. */
export async function connectTcp({ port, host = '127.0.0.1', from }: Way): Promise<Socket> {
  const localAddress = from === undefined ? {} : { localAddress: from }
  const socket = connect({ port, host, noDelay: true, ...localAddress })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** A connection with its header sent and TLS, if any, set up. Rejects if the server ends it. */
export async function open(way: Way): Promise<Duplex> {
  const socket = await connectTcp(way)
  const stream = new FirstBytes(socket, way.before ?? new Uint8Array(0), way.cut)
  stream.on('error', () => {})
  if (way.secure !== true) return stream
  const alpn = way.alpn === undefined ? {} : { ALPNProtocols: [...way.alpn] }
  const tls = connectTls({ socket: stream, ca: PEM, servername: 'localhost', ...alpn })
  await once(tls, 'secureConnect')
  return tls
}

/** One request on a connection of its own. Rejects where no answer comes. */
export async function ask(way: Way, question: Question = {}): Promise<Reply> {
  const connection = await open(way)
  try {
    return await askOn(connection, {
      ...question,
      headers: { connection: 'close', ...question.headers },
    })
  } finally {
    connection.destroy()
  }
}

/** One request on an open connection. Rejects where no answer comes. */
export async function askOn(connection: Duplex, question: Question = {}): Promise<Reply> {
  if (connection.destroyed || connection.readableEnded) throw new Error('the server ended it')
  const { method = 'GET', path = '/', headers = {}, body } = question
  const call = request({ method, path, headers, createConnection: () => connection })
  call.end(body)
  const [response] = await once(call, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return { status: response.statusCode, headers: response.headers, body: text }
}

/** One HTTP/2 request on a connection of its own. Rejects where no answer comes. */
export async function askH2(way: Way, question: Question = {}): Promise<Reply> {
  const connection = await open({ ...way, alpn: ['h2'] })
  const session = connectH2('http://localhost', { createConnection: () => connection })
  try {
    return await new Promise<Reply>((resolve, reject) => {
      session.on('error', reject)
      const { method = 'GET', path = '/', headers = {}, body } = question
      const stream = session.request({ ':method': method, ':path': path, ...headers })
      stream.end(body)
      let text = ''
      stream.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      stream.on('error', reject)
      stream.on('close', () => reject(new Error('closed without an answer')))
      stream.on('response', (fields) => {
        stream.on('end', () =>
          resolve({ status: fields[':status'] ?? 0, headers: fields, body: text }),
        )
      })
    })
  } finally {
    session.destroy()
    connection.destroy()
  }
}
