import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage } from 'node:http'
import {
  connect as connectH2,
  createServer as createH2c,
  createSecureServer,
  type Http2ServerRequest,
  type Http2Stream,
} from 'node:http2'
import { createServer as createHttps, request as httpsRequest } from 'node:https'
import { connect, createServer as createNet, type Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls'
import fastify from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { acceptProxyProtocol, type EvidenceSource, encode, proxyEvidence } from '../../src/index.js'
import { captureEvidence } from '../../src/receive/evidence.js'
import { ask, relay, textOf } from './client.js'
import { ended, rawClient, until, v1 } from './raw.js'
import { echoServer, listening, PEM, portOf } from './service.js'

const TLS = { key: PEM, cert: PEM }
const HEADER = encode({
  version: 2,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: '192.0.2.7', port: 4711 },
  destination: { address: '198.51.100.1', port: 443 },
})
const EXPECTED = {
  peer: '127.0.0.1',
  peerPort: expect.any(Number),
  headers: [{ source: { address: '192.0.2.7', port: 4711 } }],
}

function accepting(server: Server): void {
  acceptProxyProtocol(server, { from: ['loopback', 'unix'] })
}

/** A relay that sends the header in front of `server`. */
async function behindRelay(server: Server): Promise<number> {
  return relay(await listening(server), HEADER, (first) => [first])
}

describe('the evidence of whatever a handler holds', () => {
  test('net.Socket, also after it has been destroyed', async () => {
    const server = createNet()
    accepting(server)
    const accepted = once(server, 'connection')
    const client = await rawClient(await listening(server))
    client.write(HEADER)
    const [socket] = await accepted
    expect(proxyEvidence(socket)).toMatchObject(EXPECTED)
    client.resetAndDestroy()
    socket.on('error', () => {}).resume()
    await until(() => socket.destroyed)
    expect(proxyEvidence(socket)).toMatchObject(EXPECTED)
  })

  test('HTTP/1 request, its upgrade, and its socket', async () => {
    const seen: EvidenceSource[] = []
    const server = createHttp((request, response) => {
      seen.push(request, request.socket)
      response.end()
    })
    server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
      seen.push(request, socket)
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    accepting(server)
    const port = await listening(server)
    for (const extra of ['', 'Connection: Upgrade\r\nUpgrade: other\r\n']) {
      const client = await rawClient(port)
      client.write(HEADER)
      client.end(`GET / HTTP/1.1\r\nHost: a\r\n${extra}\r\n`)
      await ended(client)
    }
    expect(seen.map(proxyEvidence)).toMatchObject([EXPECTED, EXPECTED, EXPECTED, EXPECTED])
  })

  test('TLS socket and HTTPS request', async () => {
    const seen: EvidenceSource[] = []
    const server = createHttps(TLS, (request, response) => {
      seen.push(request, request.socket)
      response.end('{}')
    })
    server.on('secureConnection', (socket) => seen.push(socket))
    accepting(server)
    await ask('https', await behindRelay(server), '')
    expect(seen.map(proxyEvidence)).toMatchObject([EXPECTED, EXPECTED, EXPECTED])
    expect(seen[0]).toBeInstanceOf(TLSSocket)
  })

  test.each(['h2c', 'h2'] as const)(
    '%s: stream, request and session, also after they have ended',
    async (kind) => {
      const streams: Http2Stream[] = []
      const requests: Http2ServerRequest[] = []
      const server = kind === 'h2c' ? createH2c() : createSecureServer(TLS)
      const sessions: EvidenceSource[] = []
      server.on('session', (session) => sessions.push(session))
      server.on('stream', (stream) => streams.push(stream))
      server.on('request', (request, response) => {
        requests.push(request)
        response.end('{}')
      })
      accepting(server)
      await ask(kind, await behindRelay(server), '')
      expect(streams).toHaveLength(1)
      expect([...streams, ...requests, ...sessions].map(proxyEvidence)).toMatchObject([
        EXPECTED,
        EXPECTED,
        EXPECTED,
      ])
      await until(() => streams.every((stream) => stream.destroyed))
      expect(streams[0]?.session).toBeUndefined()
      expect([...streams, ...requests, ...sessions].map(proxyEvidence)).toMatchObject([
        EXPECTED,
        EXPECTED,
        EXPECTED,
      ])
    },
  )

  test('two connections to one TLS server at once are not confused', async () => {
    const server = createHttps({
      ...TLS,
      // Answers in reverse, from a context of its own: the handshakes overlap.
      SNICallback: (name, done) => {
        const wait = name === 'localhost' ? 5 + Math.random() * 20 : 0
        setTimeout(() => done(null, createSecureContext(TLS)), wait)
      },
    })
    server.on('request', (request, response) => {
      response.end(JSON.stringify(proxyEvidence(request)))
    })
    accepting(server)
    const port = await listening(server)
    const names = Array.from({ length: 60 }, (_, index) => `192.0.2.${index}`)
    const answers = names.map(async (address) => {
      const front = await relay(port, Buffer.from(v1(address)), (first) => [
        first.subarray(0, 10),
        first.subarray(10),
      ])
      return new Promise<string>((resolve, reject) => {
        const call = httpsRequest({
          host: '127.0.0.1',
          port: front,
          ca: PEM,
          servername: 'localhost',
          agent: false,
        })
        call.on('response', (response) => textOf(response).then(resolve, reject))
        call.on('error', reject)
        call.end()
      })
    })
    const claimed = (await Promise.all(answers)).map((text) => JSON.parse(text))
    expect(claimed.map(({ headers }) => headers[0].source.address)).toEqual(names)
  })

  test('a WebSocket of ws', async () => {
    const server = createHttp()
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (socket, request) => {
      socket.on('message', (data) => {
        socket.send(JSON.stringify({ data: String(data), evidence: proxyEvidence(request) }))
      })
    })
    accepting(server)
    const client = new WebSocket(`ws://127.0.0.1:${await behindRelay(server)}`)
    onTestFinished(() => client.terminate())
    await once(client, 'open')
    client.send('hi')
    const [message] = await once(client, 'message')
    expect(JSON.parse(String(message))).toMatchObject({ data: 'hi', evidence: EXPECTED })
  })

  test('an injected request of Fastify: the address it was injected with', async () => {
    const app = fastify()
    app.get('/', (request) => proxyEvidence(request.raw))
    const response = await app.inject({ url: '/', remoteAddress: '192.0.2.33' })
    expect(response.json()).toEqual({ peer: '192.0.2.33', headers: [] })
    expect(proxyEvidence({ socket: { remoteAddress: '::ffff:192.0.2.1' } })).toEqual({
      peer: '192.0.2.1',
      headers: [],
    })
  })
})

describe('without an acceptor', () => {
  test.each(['net', 'tls', 'http', 'https', 'h2c', 'h2', 'h2-http1'] as const)(
    '%s: the socket peer',
    async (kind) => {
      const port = await listening(echoServer(kind))
      expect((await ask(kind, port, '')).evidence).toEqual({
        peer: '127.0.0.1',
        peerPort: expect.any(Number),
        headers: [],
      })
    },
  )

  test('captureEvidence keeps the peer beyond the end of the connection', async () => {
    const server = createNet()
    const sockets: Socket[] = []
    server.on('connection', (socket) => {
      captureEvidence(socket)
      sockets.push(socket.on('error', () => {}).resume())
    })
    const client = await rawClient(await listening(server))
    const { localPort } = client
    await until(() => sockets.length === 1)
    client.resetAndDestroy()
    await until(() => sockets[0]?.destroyed === true)
    expect(sockets.map(proxyEvidence)).toEqual([
      { peer: '127.0.0.1', peerPort: localPort, headers: [] },
    ])
  })

  test.each([
    ['express-session', { session: {} }],
    ['a session with what a user wrote', { session: { socket: { remoteAddress: '6.6.6.6' } } }],
    ['a stream with what a user wrote', { stream: { socket: { remoteAddress: '6.6.6.6' } } }],
    ['no stream', { stream: null }],
  ])('what an application keeps on its requests names nobody: %s', async (_, kept) => {
    const seen: unknown[] = []
    const server = createHttp((request, response) => {
      Object.assign(request, kept)
      seen.push(proxyEvidence(request).peer)
      response.end()
    })
    const client = await rawClient(await listening(server))
    client.end('GET / HTTP/1.0\r\n\r\n')
    await ended(client)
    expect(seen).toEqual(['127.0.0.1'])
  })

  test('mapped addresses are folded', async () => {
    const server = createNet()
    const accepted = once(server, 'connection')
    await new Promise<void>((resolve) => server.listen(0, '::', resolve))
    onTestFinished(() => {
      server.close()
    })
    const client = await rawClient(portOf(server))
    const [socket] = await accepted
    expect(socket.remoteAddress).toBe('::ffff:127.0.0.1')
    expect(proxyEvidence(socket).peer).toBe('127.0.0.1')
    client.destroy()
    socket.destroy()
  })
})

describe('Unix-domain sockets', () => {
  async function unixPair(server: Server): Promise<Socket> {
    const path = join(tmpdir(), `truehop-test-${process.pid}-${Math.random()}.sock`)
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const client = connect(path)
    client.on('error', () => {})
    onTestFinished(() => {
      client.destroy()
      server.close()
    })
    await once(client, 'connect')
    return client
  }

  test('the peer is unix, with and without an acceptor', async () => {
    for (const accept of [false, true]) {
      const server = createHttp((request, response) => {
        response.end(JSON.stringify(proxyEvidence(request)))
      })
      if (accept) accepting(server)
      const client = await unixPair(server)
      if (accept) client.write(HEADER)
      client.end('GET / HTTP/1.0\r\n\r\n')
      const body = (await ended(client)).split('\r\n\r\n')[1]
      expect(JSON.parse(String(body))).toMatchObject({
        peer: 'unix',
        headers: accept ? EXPECTED.headers : [],
      })
    }
  })

  test('a peer not in from is refused there too', async () => {
    const server = createNet()
    const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    await ended(await unixPair(server))
    expect(handle.counters.refused).toEqual({ 'untrusted-peer': 1 })
  })

  test('TLS over one, with an acceptor', async () => {
    const server = createHttps(TLS, (request, response) => {
      response.end(JSON.stringify(proxyEvidence(request)))
    })
    accepting(server)
    const raw = await unixPair(server)
    raw.write(HEADER)
    const socket = new Promise<string>((resolve, reject) => {
      const call = httpsRequest({
        createConnection: () => connectTls({ socket: raw, ca: PEM, servername: 'localhost' }),
        headers: { connection: 'close' },
      })
      call.on('response', (response) => textOf(response).then(resolve, reject))
      call.on('error', reject)
      call.end()
    })
    expect(JSON.parse(await socket)).toMatchObject({ peer: 'unix', headers: EXPECTED.headers })
  })

  test('a TCP socket that was reset, one that was never connected, and TLS over no socket are not', async () => {
    const server = createNet({ pauseOnConnect: true })
    const accepted = once(server, 'connection')
    const client = await rawClient(await listening(server))
    const [socket] = (await accepted) as [Socket]
    client.resetAndDestroy()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(socket).toMatchObject({ destroyed: false, localAddress: '127.0.0.1' })
    expect(socket.remoteAddress).toBeUndefined()
    expect(proxyEvidence(socket)).toEqual({ peer: undefined, headers: [] })
    socket.destroy()
    expect(proxyEvidence(socket)).toEqual({ peer: undefined, headers: [] })
    expect(proxyEvidence(new Socket())).toEqual({ peer: undefined, headers: [] })
    const duplex = new Duplex({ read() {}, write() {} })
    const tls = new TLSSocket(duplex as Socket, { isServer: true })
    expect(proxyEvidence(tls)).toEqual({ peer: undefined, headers: [] })
    tls.destroy()
  })
})

describe('anything else', () => {
  test.each<[string, object | undefined]>([
    ['an empty object', {}],
    ['the session of a stream that has ended', undefined],
    ['no socket', { socket: undefined }],
    ['a socket without an address', { socket: {} }],
    ['a socket with text that is no address', { socket: { remoteAddress: '1' } }],
    [
      'a session whose socket is gone',
      {
        session: {
          get socket() {
            throw new Error('gone')
          },
        },
      },
    ],
  ])('%s: nobody', (_, source) => {
    expect(proxyEvidence(source as EvidenceSource)).toEqual({ peer: undefined, headers: [] })
  })

  test('a closed HTTP/2 session without an acceptor: nobody, and no throw', async () => {
    const server = createH2c((_, response) => response.end('{}'))
    const opened = once(server, 'session')
    const port = await listening(server)
    const client = connectH2(`http://127.0.0.1:${port}`)
    const [session] = await opened
    client.destroy()
    await until(() => session.destroyed)
    expect(proxyEvidence(session)).toEqual({ peer: undefined, headers: [] })
  })
})
