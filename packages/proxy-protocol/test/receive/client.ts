import { request as httpRequest } from 'node:http'
import { connect as connectH2 } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { type Answer, type Kind, listening, PEM } from './service.js'

/** One request to the service of that kind, with `body`. */
export async function ask(kind: Kind, port: number, body: string): Promise<Answer> {
  return JSON.parse(await askText(kind, port, body))
}

function askText(kind: Kind, port: number, body: string): Promise<string> {
  const at = { host: '127.0.0.1', port }
  const secure = { ...at, ca: PEM, servername: 'localhost' }
  switch (kind) {
    case 'net':
      return askSocket(connect({ ...at, allowHalfOpen: true }), body)
    case 'tls':
      return askSocket(connectTls(secure), body)
    case 'http':
    case 'https':
    case 'h2-http1':
      return new Promise((resolve, reject) => {
        const options = { method: 'POST', agent: false, headers: { connection: 'close' } }
        const call =
          kind === 'http'
            ? httpRequest({ ...at, ...options })
            : httpsRequest({ ...secure, ...options })
        call.on('response', (response) => textOf(response).then(resolve, reject))
        call.on('error', reject)
        call.end(body)
      })
    case 'h2c':
      return askH2(`http://127.0.0.1:${port}`, body)
    case 'h2':
      return askH2(`https://localhost:${port}`, body)
  }
}

function askSocket(socket: Socket, body: string): Promise<string> {
  socket.end(body)
  return textOf(socket)
}

async function askH2(url: string, body: string): Promise<string> {
  const session = connectH2(url, { ca: PEM })
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject)
      const stream = session.request({ ':method': 'POST', ':path': '/' })
      stream.end(body)
      textOf(stream).then(resolve, reject)
    })
  } finally {
    session.close()
  }
}

/** Everything a stream gives, once it has ended. */
export function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    stream.on('data', (chunk) => {
      text += chunk
    })
    stream.on('end', () => resolve(text))
    stream.on('error', reject)
    stream.on('close', () => reject(new Error(`closed after ${JSON.stringify(text)}`)))
  })
}

/** How a relay cuts what it sends first: `cut(first)` gives the pieces. */
export type Cut = (first: Buffer) => readonly Buffer[]

/**
 * A relay in front of `port`. It waits for the client's first bytes (TLS clients and HTTP clients
 * speak first), puts `header` before them, and sends the pieces of `cut` one segment each.
 */
export async function relay(port: number, header: Buffer, cut: Cut): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true })
    for (const socket of [client, upstream]) {
      socket.on('error', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    upstream.pipe(client)
    client.once('data', async (first: Buffer) => {
      client.pause()
      for (const piece of cut(Buffer.concat([header, first]))) await segment(upstream, piece)
      client.pipe(upstream)
    })
  })
  return listening(server)
}

/** Writes so that the receiver sees a segment of its own: waits until it is likely to be read. */
export async function segment(socket: Socket, piece: Buffer): Promise<void> {
  if (piece.length > 0) await new Promise((resolve) => socket.write(piece, resolve))
  await delay(2)
}
