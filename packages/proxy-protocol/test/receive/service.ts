import { readFileSync } from 'node:fs'
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  createSecureServer as createH2,
  createServer as createH2c,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer as createNet, type Server, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { onTestFinished } from 'vitest'
import { type ConnectionEvidence, proxyEvidence } from '../../src/index.js'

/** A self-signed certificate for localhost, with its key. It protects nothing. */
export const PEM = readFileSync(new URL('../fixtures/localhost.pem', import.meta.url))
const TLS = { key: PEM, cert: PEM }

/** What the services answer: what they received, and who they think sent it. */
export interface Answer {
  readonly body: string
  readonly evidence: ConnectionEvidence
}

export const KINDS = ['net', 'tls', 'http', 'https', 'h2c', 'h2', 'h2-http1'] as const
export type Kind = (typeof KINDS)[number]

/** A server of each kind that answers with an `Answer`. */
export function echoServer(kind: Kind): Server {
  switch (kind) {
    case 'net':
      return createNet({ allowHalfOpen: true }, answerSocket)
    case 'tls':
      return createTls({ ...TLS, allowHalfOpen: true }, answerSocket)
    case 'http':
      return createHttp(answerRequest)
    case 'https':
      return createHttps(TLS, answerRequest)
    case 'h2c':
      return createH2c(answerRequest)
    case 'h2':
      return createH2(TLS, answerRequest)
    case 'h2-http1':
      return createH2({ ...TLS, allowHTTP1: true }, answerRequest)
  }
}

function answerSocket(socket: Socket): void {
  let body = ''
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    body += chunk
  })
  socket.on('end', () => socket.end(JSON.stringify({ body, evidence: proxyEvidence(socket) })))
}

function answerRequest(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): void {
  let body = ''
  request.on('data', (chunk: Buffer) => {
    body += chunk
  })
  request.on('end', () => {
    const answer: Answer = { body, evidence: proxyEvidence(request) }
    response.end(JSON.stringify(answer))
  })
}

/** Listens on a free port of 127.0.0.1 until the test ends. */
export async function listening(server: Server): Promise<number> {
  const open = new Set<Socket>()
  server.prependListener('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of open) socket.destroy()
    await closed
  })
  return portOf(server)
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
