import {
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import { describeLayer } from '../dissect/describe.js'
import type { Http2Request, Layer } from '../dissect/dissection.js'

const TYPE = 'text/plain; charset=utf-8'

/** Milliseconds without a byte after which an answered connection is closed. */
const LINGER = 2000

/** Requests of a connection after which the client is asked to open another one. */
const MAX_REQUESTS = 100

/** Ends a connection: an HTTP/1 request is answered first. */
export function answer(socket: Socket, last: Layer | undefined): void {
  socket.end(last?.kind === 'http' ? http1Answer(last) : '')
  // Whatever still comes is read and dropped: closing with unread data would reset the connection
  // and lose the answer.
  socket.resume()
  socket.setTimeout(LINGER, () => socket.destroy())
}

function http1Answer(layer: Layer & { kind: 'http' }): string {
  const body = seen(layer)
  const head = [
    'HTTP/1.1 200 OK',
    `Content-Type: ${TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${layer.head.method === 'HEAD' ? '' : body}`
}

/**
 * Answers what comes over HTTP/2 until the client has gone away or says nothing more. Resolves to
 * the first request, or to undefined if there was none in time; `onFurther` is called for each
 * later one.
 */
export function answerHttp2(
  socket: Socket,
  deadline: AbortSignal,
  onFurther: (request: Http2Request) => void,
): Promise<Http2Request | undefined> {
  const session = performServerHandshake(socket)
  session.on('error', () => {})
  session.once('timeout', () => session.close())
  let isResolved = false
  let count = 0
  return new Promise((resolve) => {
    const finish = (request?: Http2Request): void => {
      isResolved = true
      session.setTimeout(LINGER)
      resolve(request)
    }
    session.on('stream', (...[stream, headers, , raw]: Parameters<OnStream>) => {
      const request = requestOf(stream, headers, raw)
      answerStream(stream, request)
      if (isResolved) onFurther(request)
      else finish(request)
      count++
      if (count === MAX_REQUESTS) session.close()
    })
    session.once('close', finish)
    deadline.addEventListener('abort', () => finish(), { once: true })
  })
}

type OnStream = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  raw: readonly string[],
) => void

/**
 * Once its body is there: an earlier answer would make the client break off. A client that has
 * reset the stream by then gets no answer.
 */
function answerStream(stream: ServerHttp2Stream, request: Http2Request): void {
  stream.on('error', () => {})
  stream.resume()
  stream.once('end', () => {
    if (stream.destroyed || stream.closed) return
    stream.respond({ ':status': 200, 'content-type': TYPE })
    stream.end(seen({ kind: 'http2', offset: 0, request }))
  })
}

function requestOf(
  { id: stream = 0 }: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  raw: readonly string[],
): Http2Request {
  const { ':method': method = '', ':path': path = '' } = headers
  const fields: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) fields.push([raw[at] ?? '', raw[at + 1] ?? ''])
  const rest = fields.filter(([name]) => name !== ':method' && name !== ':path')
  return { stream, method, path, headers: rest }
}

function seen(layer: Layer): string {
  return `seen: ${describeLayer(layer)[0] ?? ''}\n`
}
