import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect as connectH2, type Http2ServerRequest } from 'node:http2'
import { type ClientIdentity, identityOf } from '@truehop/identity'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { ask, askH2, connectTcp, open, type Way } from '../../../test/edges/client.js'
import { TLS } from '../../../test/edges/pem.js'
import truehop, { type TruehopOptions } from '../src/index.js'
import { BALANCER, CLIENT, EDGE, listen, PROXY, proxyHeader, STRANGER, XFF } from './setup.js'

/** The servers that Fastify makes, and how a client speaks to them. */
const KINDS = {
  http: { make: () => fastify(), secure: false, ask },
  https: { make: () => fastify({ https: TLS }), secure: true, ask },
  'http2, clear': { make: () => fastify({ http2: true }), secure: false, ask: askH2 },
  'http2, TLS': { make: () => fastify({ http2: true, https: TLS }), secure: true, ask: askH2 },
  'http2 with allowHTTP1, as HTTP/1': {
    make: () => fastify({ http2: true, https: { ...TLS, allowHTTP1: true } }),
    secure: true,
    ask,
  },
  'http2 with allowHTTP1, as HTTP/2': {
    make: () => fastify({ http2: true, https: { ...TLS, allowHTTP1: true } }),
    secure: true,
    ask: askH2,
  },
} as const
const kinds = Object.entries(KINDS)

/** Types of the instances differ by server; what is done with them here does not. */
async function started(make: () => unknown, options: TruehopOptions): Promise<number> {
  const app = make() as FastifyInstance
  await app.register(truehop, options)
  app.get('/', async (request) => {
    const { clientIp, ip, clientIdentity } = request
    const same = [identityOf(request), identityOf(request.raw)].every((i) => i === clientIdentity)
    return { clientIp, ip, same, reason: clientIdentity.reason }
  })
  return listen(app)
}

describe.each(kinds)('%s', (_name, kind) => {
  const told = async (way: Way, headers = {}): Promise<unknown> => {
    const { body } = await kind.ask({ ...way, secure: kind.secure }, { headers })
    return JSON.parse(body)
  }

  test('X-Forwarded-For from a trusted peer', async () => {
    const port = await started(kind.make, XFF)
    expect(await told({ port, from: EDGE }, { 'x-forwarded-for': CLIENT })).toEqual({
      clientIp: CLIENT,
      ip: CLIENT,
      same: true,
      reason: 'first-untrusted',
    })
  })

  test('X-Forwarded-For from anyone else', async () => {
    const port = await started(kind.make, XFF)
    expect(await told({ port, from: STRANGER }, { 'x-forwarded-for': CLIENT })).toMatchObject({
      ip: STRANGER,
      reason: 'peer-untrusted',
    })
  })

  test('a PROXY header', async () => {
    const port = await started(kind.make, PROXY)
    expect(await told({ port, from: BALANCER, before: proxyHeader() })).toEqual({
      clientIp: CLIENT,
      ip: CLIENT,
      same: true,
      reason: 'first-untrusted',
    })
  })

  test('a PROXY header and X-Forwarded-For in one path', async () => {
    const hops = [...PROXY.hops, { name: 'edge', from: [EDGE], asserts: 'x-forwarded-for' }]
    const port = await started(kind.make, { hops })
    const way = { port, from: BALANCER, before: proxyHeader(EDGE) }
    expect(await told(way, { 'x-forwarded-for': `203.0.113.66, ${CLIENT}` })).toMatchObject({
      ip: CLIENT,
      same: true,
    })
  })

  test('connections at the same time keep their own identities', async () => {
    const port = await started(kind.make, PROXY)
    const clients = Array.from({ length: 20 }, (_, at) => `192.0.2.${at}`)
    const answers = clients.map((client) =>
      told({ port, from: BALANCER, before: proxyHeader(client) }),
    )
    expect(await Promise.all(answers)).toMatchObject(clients.map((ip) => ({ ip })))
  })

  test.each([
    ['no PROXY header from whom one is due', BALANCER, Buffer.alloc(0)],
    ['a PROXY header from a stranger', STRANGER, proxyHeader()],
    ['no PROXY header from a stranger', STRANGER, Buffer.alloc(0)],
  ])('%s: no answer', async (_case, from, before) => {
    const port = await started(kind.make, PROXY)
    await expect(told({ port, from, before })).rejects.toThrow()
  })
})

describe.each([
  ['http', () => fastify(), false],
  ['https', () => fastify({ https: TLS }), true],
] as const)('a WebSocket over %s', (_name, make, secure) => {
  test.each([
    ['PROXY header', PROXY, { from: BALANCER, before: proxyHeader() }, {}],
    ['X-Forwarded-For', XFF, { from: EDGE }, { 'x-forwarded-for': CLIENT }],
  ])(
    'behind a %s has the identity in its upgrade request',
    async (_case, options, way, headers) => {
      const app = make() as FastifyInstance
      await app.register(truehop, options)
      const sockets = new WebSocketServer({ noServer: true })
      app.server.on('upgrade', (request, socket, head) => {
        const identity = identityOf(request)
        sockets.handleUpgrade(request, socket, head, (webSocket) => {
          webSocket.send(JSON.stringify([identity, identity === identityOf(request)]))
        })
      })
      const port = await listen(app)
      const connection = await open({ port, secure, ...way })
      const webSocket = new WebSocket('ws://localhost/', {
        createConnection: () => connection as never,
        headers,
      })
      onTestFinished(() => webSocket.terminate())
      const [message] = await once(webSocket, 'message')
      expect(JSON.parse(String(message))).toMatchObject([{ ip: CLIENT }, true])
    },
  )
})

test('without its own upgrade listener the server treats upgrades as Node does', async () => {
  const port = await started(() => fastify(), XFF)
  const headers = { connection: 'Upgrade', upgrade: 'websocket' }
  const { status } = await ask({ port, from: STRANGER }, { headers })
  expect(status).toBe(200)
})

describe('a connection that ends before the identity is asked for', () => {
  /**
   * Resolves with the identity as a handler sees it that asks when the connection is gone. `arrived`
   * is called when the request is there.
   */
  function lateIdentity(app: FastifyInstance, arrived: () => void): Promise<ClientIdentity> {
    return new Promise((resolve) => {
      app.get('/', async (request) => {
        arrived()
        const raw = request.raw as IncomingMessage | Http2ServerRequest
        await once('stream' in raw ? raw.stream : raw.socket, 'close')
        await new Promise(setImmediate)
        resolve(request.clientIdentity)
      })
    })
  }

  test.each([
    ['http', () => fastify(), {}],
    ['https', () => fastify({ https: TLS }), { secure: true }],
  ] as const)('%s: its peer was kept at the accept', async (_name, make, way) => {
    const app = make() as FastifyInstance
    await app.register(truehop, { ...XFF, onUndetermined: 'continue' })
    const identity = lateIdentity(app, () => connection.destroy())
    const port = await listen(app)
    const connection = await open({ port, from: STRANGER, ...way })
    const call = httpRequest({ createConnection: () => connection })
    call.on('error', () => {})
    call.end()
    expect(await identity).toMatchObject({ ip: STRANGER, peer: STRANGER })
  })

  test.each([
    ['http2, clear', () => fastify({ http2: true }), {}],
    ['http2, TLS', () => fastify({ http2: true, https: TLS }), { secure: true, alpn: ['h2'] }],
  ] as const)('%s: its peer was kept at the accept', async (_name, make, way) => {
    const app = make() as unknown as FastifyInstance
    await app.register(truehop, { ...XFF, onUndetermined: 'continue' })
    const identity = lateIdentity(app, () => connection.destroy())
    const port = await listen(app)
    const connection = await open({ port, from: STRANGER, ...way })
    const session = connectH2('http://localhost', { createConnection: () => connection })
    session.on('error', () => {})
    const stream = session.request({ ':path': '/' })
    stream.on('error', () => {})
    stream.end()
    expect(await identity).toMatchObject({ ip: STRANGER, peer: STRANGER })
  })
})

test('refused connections are counted and logged at level warn, a few of each reason', async () => {
  const lines: { level: number; event?: string; reason?: string }[] = []
  const app = fastify({
    logger: { stream: { write: (line) => void lines.push(JSON.parse(line)) } },
  })
  await app.register(truehop, PROXY)
  const port = await listen(app)
  const refused = Array.from({ length: 20 }, async () => {
    const socket = await connectTcp({ port, from: STRANGER })
    socket.resume()
    await new Promise((resolve) => socket.once('close', resolve))
  })
  await Promise.all(refused)
  expect(app.proxyProtocol).toMatchObject([{ counters: { refused: { 'untrusted-peer': 20 } } }])
  const logged = lines.filter(({ event }) => event === 'proxy_protocol.refused')
  expect(logged).toHaveLength(6)
  expect(logged[0]).toMatchObject({ level: 40, reason: 'untrusted-peer', peer: STRANGER })
})
