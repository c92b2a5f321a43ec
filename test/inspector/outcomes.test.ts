import { once } from 'node:events'
import { connect } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { allowlist as expressList } from '@truehop/allowlist/express'
import { allowlist as fastifyList } from '@truehop/allowlist/fastify'
import { truehop as expressIdentity } from '@truehop/express'
import { truehop as fastifyIdentity } from '@truehop/fastify'
import { inspector as expressInspector } from '@truehop/inspector/express'
import { inspector as fastifyInspector } from '@truehop/inspector/fastify'
import { rateLimit as expressLimit } from '@truehop/rate-limit/express'
import { rateLimit as fastifyLimit } from '@truehop/rate-limit/fastify'
import express from 'express'
import { fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface Decision {
  readonly path: string
  readonly verdicts: readonly object[]
  readonly answer?: { readonly status?: number; readonly complete: boolean; readonly ms: number }
  readonly evidence?: object
}

const POLICY = { trust: ['127.0.0.1'], header: 'x-forwarded-for' }
const LISTS = { deny: ['192.0.2.0/24'] }
const LIMIT = { name: 'login', limit: 1, window: 60 }

type Start = () => Promise<{ port: number; stop: () => Promise<unknown> }>

async function startFastify(): ReturnType<Start> {
  const app = fastify()
  await app.register(fastifyIdentity, POLICY)
  await app.register(fastifyInspector, { prefix: '/_truehop', allow: ['127.0.0.1'], keep: 10 })
  await app.register(async (scope) => {
    await scope.register(fastifyList, LISTS)
    await scope.register(fastifyLimit, LIMIT)
    scope.get('/app', async () => 'fine')
  })
  app.get('/gone', () => new Promise(() => {}))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { port: Number(new URL(url).port), stop: () => app.close() }
}

async function startExpress(): ReturnType<Start> {
  const app = express()
  const page = expressInspector({ allow: ['127.0.0.1'], keep: 10 })
  app.use(expressIdentity(POLICY))
  app.use('/_truehop', page)
  app.get('/gone', () => {})
  app.use(expressList(LISTS), expressLimit(LIMIT))
  app.get('/app', (_request, response) => {
    response.send('fine')
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const stop = async (): Promise<void> => {
    page.close()
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { port, stop }
}

describe.each([
  ['Fastify', startFastify],
  ['Express', startExpress],
] as const)('what became of a request on %s', (_name, start: Start) => {
  let service: Awaited<ReturnType<Start>>

  beforeAll(async () => {
    service = await start()
  })

  afterAll(() => service.stop())

  const ask = (path: string, client: string) =>
    fetch(`http://127.0.0.1:${service.port}${path}`, { headers: { 'x-forwarded-for': client } })

  async function decisions(): Promise<readonly Decision[]> {
    const response = await fetch(`http://127.0.0.1:${service.port}/_truehop/snapshot.json`)
    const snapshot = (await response.json()) as { decisions: Decision[] }
    return snapshot.decisions
  }

  const answered = (path: string) =>
    expect.poll(async () => (await decisions()).findLast((one) => one.path === path))

  test('a denied request names the entry, a limited one the limit, each with its status', async () => {
    expect((await ask('/app?denied', '192.0.2.7')).status).toBe(403)
    await answered('/app').toMatchObject({
      verdicts: [{ by: 'allowlist', word: 'denied', reason: 'deny-entry', what: ['192.0.2.0/24'] }],
      answer: { status: 403, complete: true },
      evidence: { peer: '127.0.0.1', proxy: '', headers: 'x-forwarded-for: 192.0.2.7' },
    })
    expect((await ask('/app', '198.51.100.7')).status).toBe(200)
    await answered('/app').toMatchObject({
      verdicts: [
        { by: 'allowlist', word: 'allowed', reason: 'not-in-deny', what: [] },
        { by: 'rate-limit', word: 'allowed', reason: 'within-limit', what: [] },
      ],
      answer: { status: 200, complete: true, ms: expect.any(Number) },
    })
    expect((await ask('/app', '198.51.100.7')).status).toBe(429)
    await answered('/app').toMatchObject({
      verdicts: [
        { by: 'allowlist', word: 'allowed' },
        { by: 'rate-limit', word: 'limited', reason: 'quota-exceeded', what: ['login'] },
      ],
      answer: { status: 429 },
    })
  })

  test('a request whose client went away was answered by nothing', async () => {
    const socket = connectSocket(service.port, '127.0.0.1')
    socket.write('GET /gone HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.8\r\n\r\n')
    await expect.poll(async () => (await decisions()).map(({ path }) => path)).toContain('/gone')
    socket.destroy()
    await answered('/gone').toMatchObject({ answer: { complete: false } })
    expect((await decisions()).findLast(({ path }) => path === '/gone')?.answer).not.toHaveProperty(
      'status',
    )
  })

  test('sixty files of a page push no decision out', async () => {
    for (let n = 0; n < 12; n++) await ask(`/before/${n}`, '198.51.100.9')
    const before = (await decisions()).map(({ path }) => path)
    for (let n = 0; n < 60; n++) {
      await fetch(`http://127.0.0.1:${service.port}/_truehop/inspector.css`)
    }
    await ask('/last', '198.51.100.9')
    expect((await decisions()).map(({ path }) => path)).toEqual([...before.slice(1), '/last'])
    expect(before).toHaveLength(10)
  })
})

test('an HTTP/2 request has a status as well', async () => {
  const app = fastify({ http2: true })
  await app.register(fastifyIdentity, POLICY)
  await app.register(fastifyInspector, { prefix: '/_truehop', allow: ['127.0.0.1'] })
  app.get('/teapot', (_request, reply) => reply.code(418).send('short and stout'))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const client = connect(url)
  const get = async (path: string, headers = {}): Promise<string> => {
    const stream = client.request({ ':path': path, ...headers })
    stream.setEncoding('utf8')
    let text = ''
    for await (const chunk of stream) text += chunk
    return text
  }
  await get('/teapot', { 'x-forwarded-for': '198.51.100.7' })
  await expect
    .poll(async () => JSON.parse(await get('/_truehop/snapshot.json')).decisions)
    .toMatchObject([{ path: '/teapot', answer: { status: 418, complete: true } }])
  client.close()
  await app.close()
})
