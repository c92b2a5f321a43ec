import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bindRequest, bindServer, definePolicy } from '@truehop/identity'
import type { RateLimitOptions } from '@truehop/rate-limit'
import expressRateLimit from '@truehop/rate-limit/express'
import fastifyRateLimit, {
  type FastifyRateLimitOptions,
  rateLimitHook,
} from '@truehop/rate-limit/fastify'
import express from 'express'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test, vi } from 'vitest'

const policy = definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })
const HOOKS = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const
const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function identified(): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true })
  closing.push(() => app.close())
  app.addHook('onRequest', async (request) => bindRequest(request, policy))
  return app
}

const post = (app: FastifyInstance, ip = '198.51.100.7') =>
  app.inject({ method: 'POST', url: '/', payload: { a: 1 }, headers: { 'x-forwarded-for': ip } })

describe.each(HOOKS)('Fastify, hook: %s', (hook) => {
  test('counts there, as a plugin', async () => {
    const app = identified()
    await app.register(fastifyRateLimit, { limit: 1, window: 60, hook })
    app.post('/', async (request) => request.body)
    expect((await post(app)).json()).toEqual({ a: 1 })
    expect((await post(app)).statusCode).toBe(429)
  })

  test('counts there, as the hook of a route', async () => {
    const app = identified()
    const limit = rateLimitHook({ limit: 1, window: 60 })
    app.route({ method: 'POST', url: '/', [hook]: limit, handler: async ({ body }) => body })
    expect((await post(app)).json()).toEqual({ a: 1 })
    expect((await post(app)).statusCode).toBe(429)
  })
})

/** A server on Express or Fastify whose route waits until it is let go on. */
async function served(
  framework: 'express' | 'fastify',
  options: RateLimitOptions<unknown>,
  status = 200,
) {
  const seen: unknown[] = []
  const held: (() => void)[] = []
  const wait = (path: string) =>
    path === '/wait' ? new Promise<void>((resolve) => held.push(resolve)) : undefined
  let server: Server
  if (framework === 'express') {
    const app = express()
    app.use(expressRateLimit(options))
    app.use(async (request, response) => {
      seen.push(request.rateLimit?.client)
      await wait(request.path)
      response.status(status).send('served')
    })
    server = createServer(app)
    bindServer(server, policy)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => {
      server.closeAllConnections()
      server.close()
    })
  } else {
    const app = identified()
    await app.register(fastifyRateLimit, options as FastifyRateLimitOptions)
    app.get('/*', async (request, reply) => {
      seen.push(request.rateLimit?.client)
      await wait(request.url)
      return reply.code(status).send('served')
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    server = app.server
  }
  const { port } = server.address() as AddressInfo
  const ask = (path = '/', signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { 'x-forwarded-for': '198.51.100.7' },
      ...(signal === undefined ? {} : { signal }),
    })
  return { ask, seen, held }
}

async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('did not come about')
}

describe.each(['express', 'fastify'] as const)('%s', (framework) => {
  test('has what was decided on the request', async () => {
    const { ask, seen } = await served(framework, { limit: 5, window: 60 })
    await ask()
    expect(seen).toEqual(['198.51.100.7'])
  })

  test('answers a refusal as the application says', async () => {
    const { ask } = await served(framework, {
      limit: 1,
      window: 60,
      answer: ({ retryAfter }) => ({
        status: 503,
        headers: { 'X-Why': 'limit' },
        body: { again: retryAfter },
      }),
    })
    await ask()
    const refused = await ask()
    expect(refused.status).toBe(503)
    expect(refused.headers.get('x-why')).toBe('limit')
    expect(refused.headers.get('content-type')).toBe('application/json')
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(await refused.json()).toEqual({ again: 60 })
  })

  test.each([
    [401, 2],
    [200, 6],
  ])('counts what was answered %i', async (status, served429) => {
    const { ask } = await served(
      framework,
      { limit: 2, window: 600, charge: ({ statusCode }) => statusCode === 401 },
      status,
    )
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) {
      const response = await ask()
      await response.text()
      statuses.push(response.status)
      // The end of a response is seen by the client before the server has counted it.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(statuses.filter((each) => each === status)).toHaveLength(served429)
  })

  test('gives the units of requests at the same time back when the client goes away', async () => {
    const { ask, held } = await served(framework, { limit: 1, window: 600, concurrent: true })
    const gone = new AbortController()
    const first = ask('/wait', gone.signal).catch(() => 'gone')
    await eventually(() => held.length === 1)
    expect((await ask()).status).toBe(429)
    gone.abort()
    expect(await first).toBe('gone')
    await eventually(async () => (await ask()).status === 200)
    held[0]?.()
  })

  test('lets a request wait where it is to be slowed down', async () => {
    const slowDown = { after: 0, delay: 1 }
    const { ask } = await served(framework, { limit: 5, window: 60, slowDown })
    expect(await (await ask()).text()).toBe('served')
  })

  test('serves nobody who went away while waiting', async () => {
    const { ask, seen } = await served(framework, {
      limits: [
        { name: 'slow', limit: 9, window: 60, slowDown: { after: 1, delay: 1000 } },
        { name: 'busy', limit: 2, window: 60, concurrent: true },
      ],
    })
    await (await ask()).text()
    const gone = new AbortController()
    const second = ask('/', gone.signal).catch(() => 'gone')
    await new Promise((resolve) => setTimeout(resolve, 100))
    gone.abort()
    expect(await second).toBe('gone')
    // Waits for two seconds, so longer than the one that went away would have.
    expect((await ask()).status).toBe(200)
    expect(seen).toHaveLength(2)
  })

  // Written as functions that are not async, which start-up cannot recognize.
  const later = () => Promise.reject(new Error('no database'))
  test.each([
    ['limit', { limit: later }, [500]],
    ['window', { window: later }, [500]],
    ['cost', { cost: later }, [500]],
    ['key', { key: later }, [500]],
    ['skip', { skip: later }, [500]],
    ['charge', { charge: later }, [200]],
    ['answer', { answer: later }, [200, 500]],
  ])('a %s that promises something and fails harms nobody else', async (_name, bad, expected) => {
    const unhandled = vi.fn()
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    process.on('unhandledRejection', unhandled)
    const { ask } = await served(framework, { limit: 1, window: 60, ...(bad as object) })
    for (const status of expected) {
      const response = await ask()
      await response.text()
      expect(response.status).toBe(status)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
    process.off('unhandledRejection', unhandled)
    warned.mockRestore()
    expect(unhandled).not.toHaveBeenCalled()
  })
})
