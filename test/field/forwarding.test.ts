import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  request,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import httpProxy from '@fastify/http-proxy'
import { truehop as expressTruehop } from '@truehop/express'
import { truehop as fastifyTruehop } from '@truehop/fastify'
import {
  definePolicy,
  forwardedHeaders,
  identityOf,
  proxyHeaderFor,
  writeForwardedHeaders,
} from '@truehop/identity'
import { acceptProxyProtocol, proxyConnector, proxyEvidence } from '@truehop/proxy-protocol'
import express from 'express'
import { fastify } from 'fastify'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { Client } from 'undici'
import { afterEach, describe, expect, test } from 'vitest'

const CLIENT = '198.51.100.7'
const FORGED = '192.0.2.66'
/** The service in the middle is behind a proxy on this machine, and forwards to an upstream. */
const policy = definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const portOf = (server: Server): number => (server.address() as AddressInfo).port

async function listening(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => new Promise((resolve) => server.close(resolve)))
  closers.push(() => server.closeAllConnections())
  return portOf(server)
}

/** Answers with the headers that reach it. */
const upstream = () => listening((sent, response) => response.end(JSON.stringify(sent.headers)))

/** Services that forward, by the ways in which people do. */
const FORWARDERS: Readonly<Record<string, (target: string) => Promise<number>>> = {
  async 'http-proxy-middleware'(target) {
    const app = express()
    app.use(expressTruehop({ policy, onUndetermined: 'continue' }))
    app.use(
      (req, _res, next) => {
        delete req.headers.expect
        next()
      },
      createProxyMiddleware({
        target,
        xfwd: true,
        on: { proxyReq: (sent, req) => writeForwardedHeaders(sent, identityOf(req)) },
      }),
    )
    return listening(app)
  },
  async '@fastify/http-proxy'(target) {
    const app = fastify()
    await app.register(fastifyTruehop, { policy, onUndetermined: 'continue' })
    await app.register(httpProxy, {
      upstream: target,
      replyOptions: {
        rewriteRequestHeaders: (req, headers) => forwardedHeaders(identityOf(req), headers),
      },
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    closers.push(() => app.close())
    return portOf(app.server)
  },
  async undici(target) {
    const app = express()
    app.use(expressTruehop({ policy, onUndetermined: 'continue' }))
    const client = new Client(target)
    closers.push(() => client.close())
    app.use(async (req, res) => {
      const { connection: _, ...headers } = forwardedHeaders(identityOf(req), req.headers)
      const { body } = await client.request({ path: req.url, method: 'GET', headers })
      body.pipe(res)
    })
    return listening(app)
  },
}

/** The headers that reach an upstream, of a request that asks before it sends its body. */
async function askFirst(
  port: number,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingHttpHeaders> {
  const options = { port, host: '127.0.0.1', agent: false, method: 'POST' }
  const sent = request({
    ...options,
    headers: { ...headers, expect: '100-continue', 'content-length': '0' },
  })
  sent.once('continue', () => sent.end())
  sent.flushHeaders()
  const [response] = await once(sent, 'response')
  return (await json(response)) as IncomingHttpHeaders
}

async function ask(
  port: number,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingHttpHeaders> {
  const sent = request({ port, host: '127.0.0.1', headers, agent: false })
  sent.end()
  const [response] = await once(sent, 'response')
  return (await json(response)) as IncomingHttpHeaders
}

describe.each(Object.entries(FORWARDERS))('%s', (_, forwarder) => {
  test('names the decided client to the upstream, and passes on nothing that a client forged', async () => {
    const port = await forwarder(`http://127.0.0.1:${await upstream()}`)
    const seen = await ask(port, {
      host: 'app.example',
      'x-forwarded-for': `${FORGED}, ${CLIENT}`,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': FORGED,
      'x-forwarded-port': '6666',
      x_forwarded_for: FORGED,
      forwarded: `for=${FORGED}`,
      'x-real-ip': FORGED,
      'cf-connecting-ip': FORGED,
      'true-client-ip': FORGED,
      accept: 'text/html',
    })
    expect(JSON.stringify(seen)).not.toMatch(/192\.0\.2\.66|6666/)
    expect(seen).toMatchObject({
      accept: 'text/html',
      'x-forwarded-for': CLIENT,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'app.example',
      forwarded: `for=${CLIENT};proto=https;host="app.example"`,
    })
  })

  test('does so for a client that expects 100 (Continue)', async () => {
    const port = await forwarder(`http://127.0.0.1:${await upstream()}`)
    const seen = await askFirst(port, {
      host: 'app.example',
      'x-forwarded-for': `${FORGED}, ${CLIENT}`,
      'x-real-ip': FORGED,
    })
    expect(JSON.stringify(seen)).not.toContain(FORGED)
    expect(seen).toMatchObject({ 'x-forwarded-for': CLIENT })
  })

  test('says unknown of a client that is undetermined', async () => {
    const port = await forwarder(`http://127.0.0.1:${await upstream()}`)
    const seen = await ask(port, { host: 'app.example', 'x-forwarded-for': 'unknown' })
    expect(seen).toMatchObject({ 'x-forwarded-for': 'unknown' })
    expect(seen['forwarded']).toMatch(/^for=unknown;/)
    expect(JSON.stringify(seen)).not.toContain('127.0.0.1"')
  })

  test.each([
    'x-forwarded-for',
    'close, X-Forwarded-For, forwarded',
    'keep-alive, x-forwarded-proto',
  ])('is not made to lose its headers on the way by Connection: %s', async (connection) => {
    const port = await forwarder(`http://127.0.0.1:${await upstream()}`)
    const seen = await ask(port, { host: 'app.example', 'x-forwarded-for': CLIENT, connection })
    // What a further proxy would remove, RFC 9110 section 7.6.1.
    expect(seen['connection'] ?? '').not.toMatch(/forwarded/i)
    expect(seen).toMatchObject({ 'x-forwarded-for': CLIENT })
  })
})

test('a PROXY header names the decided client to an upstream that accepts one', async () => {
  const server = createServer((sent, response) => {
    const [header] = proxyEvidence(sent).headers
    response.end(JSON.stringify(header?.source))
  })
  acceptProxyProtocol(server, { from: ['loopback'] })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => new Promise((resolve) => server.close(resolve)))
  const target = `http://127.0.0.1:${portOf(server)}`
  const app = express()
  app.use(expressTruehop({ policy, onUndetermined: 'continue' }))
  app.use(async (req, res) => {
    const header = proxyHeaderFor(identityOf(req), req.socket)
    if (header === undefined) return void res.status(502).json('nobody to connect for')
    // One dispatcher a client: its connections carry the header.
    const client = new Client(target, { connect: proxyConnector(header) })
    const { body } = await client.request({ path: '/', method: 'GET' })
    res.end(await body.text())
    await client.close()
  })
  const port = await listening(app)
  const forged = { host: 'app.example', 'x-forwarded-for': `${FORGED}, ${CLIENT}` }
  expect(await ask(port, forged)).toEqual({ address: CLIENT, port: 0 })
  const undetermined = { host: 'app.example', 'x-forwarded-for': 'unknown' }
  expect(await ask(port, undetermined)).toBe('nobody to connect for')
})
