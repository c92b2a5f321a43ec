import {
  createServer as createHttp2Server,
  createSecureServer,
  connect as http2Connect,
} from 'node:http2'
import { createServer as createHttpsServer, get } from 'node:https'
import { createServer as createNetServer, type Server } from 'node:net'
import { truehop as expressTruehop } from '@truehop/express'
import { truehop as fastifyTruehop } from '@truehop/fastify'
import { bindServer, definePolicy, identityOf, type PolicyOptions } from '@truehop/identity'
import { acceptProxyProtocol, proxyEvidence } from '@truehop/proxy-protocol'
import express from 'express'
import { fastify } from 'fastify'
import request from 'supertest'
import { afterEach, describe, expect, test } from 'vitest'
import { asClient, type TestClient } from '../src/index.js'

const CLIENT = '198.51.100.7'

const POLICIES: Readonly<Record<string, PolicyOptions>> = {
  'x-forwarded-for': { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' },
  'proxy-protocol': { hops: [{ from: ['10.0.0.0/16'], asserts: 'proxy-protocol' }] },
}

const cases = Object.entries(POLICIES).flatMap(([name, policy]) => [
  { name, way: 'direct', policy, client: asClient(CLIENT), source: 'socket' },
  { name, way: 'through the hop', policy, client: asClient(CLIENT, { policy }), source: name },
])

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

describe.each(cases)('$name, $way', ({ policy, client, source }) => {
  const expected = { ip: CLIENT, source, secure: true }

  function application() {
    const app = express()
    const identity = expressTruehop(policy)
    app.use(identity)
    app.get('/', (req, res) => {
      res.json({ ip: req.ip, source: req.clientIdentity.source, secure: 'encrypted' in req.socket })
    })
    return { app, identity }
  }

  test('supertest with a server of node:https', async () => {
    const server = createHttpsServer(application().app)
    const response = await request(server).get('/').use(client)
    expect([response.status, response.body]).toEqual([200, expected])
  })

  test('supertest with an attached server of node:https', async () => {
    const { app, identity } = application()
    const server = identity.attach(createHttpsServer(app))
    const response = await request(server).get('/').use(client)
    expect([response.status, response.body]).toEqual([200, expected])
  })

  test('HTTP/2, plain, with Fastify', async () => {
    const app = fastify({ http2: true })
    closing.push(() => app.close())
    await app.register(fastifyTruehop, policy)
    app.get('/', async ({ ip, clientIdentity }) => ({ ip, source: clientIdentity.source }))
    await app.ready()
    expect(await overHttp2(client, app.server)).toEqual({ ip: CLIENT, source })
  })

  test('HTTP/2, secure, with Fastify', async () => {
    const app = fastify({ http2: true, https: { allowHTTP1: true } })
    closing.push(() => app.close())
    await app.register(fastifyTruehop, policy)
    app.get('/', async ({ ip, clientIdentity }) => ({ ip, source: clientIdentity.source }))
    await app.ready()
    expect(await overHttp2(client, app.server)).toEqual({ ip: CLIENT, source })
  })

  test('HTTP/1 with a secure server of node:http2 that allows it', async () => {
    const server = createSecureServer({ allowHTTP1: true }, (req, res) => {
      const { ip, source } = identityOf(req)
      res.end(JSON.stringify({ ip, source, secure: true }))
    })
    bindServer(server, definePolicy(policy))
    const text = await new Promise<string>((resolve, reject) => {
      get(
        'https://service.test/',
        { agent: client.agent(server), headers: { ...client.headers } },
        (res) => res.setEncoding('utf8').on('data', resolve),
      ).on('error', reject)
    })
    expect(JSON.parse(text)).toEqual(expected)
  })
})

test('a handler that asks after the HTTP/2 stream has ended gets the same client', async () => {
  const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
  const seen = new Promise<unknown>((resolve) => {
    const server = createHttp2Server((req, res) => {
      res.end()
      res.stream.once('close', () => setImmediate(() => resolve(identityOf(req).ip)))
    })
    bindServer(server, policy)
    void overHttp2(asClient(CLIENT, { policy }), server)
  })
  expect(await seen).toBe(CLIENT)
})

test('a server of node:net gets the evidence with the stream', async () => {
  const policy = POLICIES['proxy-protocol']
  const seen = new Promise<unknown>((resolve) => {
    const server = createNetServer((socket) => resolve(proxyEvidence(socket).headers[0]?.source))
    acceptProxyProtocol(server, { from: ['10.0.0.0/16'] })
    asClient(CLIENT, { policy, port: 40_000 }).connect(server)
  })
  expect(await seen).toEqual({ address: CLIENT, port: 40_000 })
})

test('sessions of other connections keep what is known about theirs', async () => {
  const server = createHttp2Server((req, res) => res.end(JSON.stringify(proxyEvidence(req).peer)))
  const [one, two] = await Promise.all([
    overHttp2(asClient('198.51.100.1'), server),
    overHttp2(asClient('198.51.100.2'), server),
  ])
  expect([one, two]).toEqual(['198.51.100.1', '198.51.100.2'])
})

function overHttp2(client: TestClient, server: Server): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const session = http2Connect('http://service.test', {
      createConnection: () => client.connect(server),
    })
    closing.push(() => session.destroy())
    session.on('error', reject)
    const stream = session.request({ ':path': '/', ...client.headers })
    let text = ''
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    stream.on('end', () => resolve(text === '' ? undefined : JSON.parse(text))).on('error', reject)
    stream.end()
  })
}
