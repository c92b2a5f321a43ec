import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer as createNet, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { acceptProxyProtocol } from '@truehop/proxy-protocol'
import { describe, expect, test } from 'vitest'
import { PEM, TLS } from '../../edges/pem.js'
import { connected, HEADER } from './asking.js'
import { listening } from './servers.js'

/** The rule: a server with a receiver serves the sockets that it serves without one. */

/** Looks at the first byte, as whoever has several protocols on one port does. */
function look(socket: Socket, then: () => void): void {
  socket.once('data', (bytes) => {
    socket.unshift(bytes)
    then()
  })
}

/** How code gives a socket to a server. */
const WAYS: Readonly<Record<string, (socket: Socket, server: Server) => void>> = {
  'as it was accepted': (socket, server) => server.emit('connection', socket),
  'paused, looked at, and resumed on the next tick': (socket, server) =>
    look(socket, () => {
      socket.pause()
      server.emit('connection', socket)
      process.nextTick(() => socket.resume())
    }),
  'looked at while it flows': (socket, server) =>
    look(socket, () => server.emit('connection', socket)),
  'looked at by read()': (socket, server) => {
    socket.once('readable', () => {
      socket.unshift(socket.read())
      server.emit('connection', socket)
    })
  },
  'paused before anything came, and resumed on the next tick': (socket, server) => {
    socket.pause()
    server.emit('connection', socket)
    process.nextTick(() => socket.resume())
  },
  'paused, and resumed when the header is long in': (socket, server) => {
    socket.pause()
    server.emit('connection', socket)
    setTimeout(() => socket.resume(), 200)
  },
}

const ANSWER = 'HTTP/1.1 200 OK'

const SERVERS = {
  http: () => createHttp((_, response) => response.end('served')),
  https: () => createHttps(TLS, (_, response) => response.end('served')),
}

/** The first line of the answer. */
async function outcome(stream: Duplex): Promise<string> {
  const [bytes] = await once(stream, 'data')
  return String(bytes).split('\r\n')[0] ?? ''
}

async function served(kind: keyof typeof SERVERS, way: string, header: string): Promise<string> {
  const server = SERVERS[kind]()
  if (header !== '') acceptProxyProtocol(server, { from: ['loopback'] })
  const front = createNet((socket) => WAYS[way]?.(socket, server))
  const raw = await connected(await listening(front), header)
  const stream =
    kind === 'https' ? connectTls({ socket: raw, ca: PEM, servername: 'localhost' }) : raw
  stream.on('error', () => {})
  stream.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const found = await outcome(stream)
  stream.destroy()
  return found
}

/** But for what Node loses bytes of itself: a socket that flows before its TLS is set up. */
const cases = Object.keys(WAYS).flatMap((way) =>
  (['http', 'https'] as const)
    .filter((kind) => !(kind === 'https' && way === 'looked at while it flows'))
    .map((kind) => [kind, way] as const),
)

describe('a socket that code gives to a server', () => {
  test.each(cases)('of %s, %s', async (kind, way) => {
    expect([await served(kind, way, ''), await served(kind, way, HEADER)]).toEqual([ANSWER, ANSWER])
  })
})
