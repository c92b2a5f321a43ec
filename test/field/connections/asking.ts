import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { onTestFinished } from 'vitest'
import { proxyLine } from '../../bytes/proxy-header.js'
import { PEM } from '../../edges/pem.js'
import type { Kind } from './servers.js'

/** The client that the header names. */
export const CLIENT = '203.0.113.7'
export const HEADER = proxyLine(CLIENT)

/** A connection to a port of loopback or to a path that begins with these bytes. */
export async function connected(to: number | string, first: string): Promise<Socket> {
  const socket =
    typeof to === 'string' ? connectTcp(to) : connectTcp({ host: '127.0.0.1', port: to })
  socket.on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
  })
  await once(socket, 'connect')
  if (first !== '') socket.write(first)
  return socket
}

/** What a hop that may write it says of the client. */
const FORWARDED_FOR = 'X-Forwarded-For'

/** What a server of the kind says on the connection; '' where it ends it without a word. */
export async function answerOn(raw: Duplex, kind: Kind): Promise<string> {
  const stream = kind === 'https' || kind === 'http2 secure' ? secured(raw, kind) : raw
  if (kind === 'http2' || kind === 'http2 secure') return askHttp2(stream)
  stream.write(
    `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${FORWARDED_FOR}: ${CLIENT}\r\n\r\n`,
  )
  const said = await text(stream).catch(() => '')
  return said.slice(said.lastIndexOf('\n') + 1)
}

function secured(raw: Duplex, kind: Kind): Duplex {
  const ALPNProtocols = [kind === 'https' ? 'http/1.1' : 'h2']
  const secure = connectTls({ socket: raw, ca: PEM, servername: 'localhost', ALPNProtocols })
  secure.on('error', () => {})
  return secure
}

async function askHttp2(stream: Duplex): Promise<string> {
  const session = connectHttp2('https://localhost', { createConnection: () => stream })
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  const request = session.request({ ':path': '/', [FORWARDED_FOR]: CLIENT })
  return text(request).catch(() => '')
}

/** Connects, sends the bytes that a proxy would, and asks. */
export async function ask(to: number | string, kind: Kind, first = HEADER): Promise<string> {
  return answerOn(await connected(to, first), kind)
}
