import { bindRequest, definePolicy } from '@truehop/identity'
import { RateLimiter } from '@truehop/rate-limit'
import rateLimit, { type FastifyRateLimitOptions, rateLimitHook } from '@truehop/rate-limit/fastify'
import Fastify, {
  type FastifyInstance,
  type FastifyLoggerOptions,
  type FastifyRequest,
} from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { silentStore } from './silent-store.js'
import { stopClock } from './stopped-clock.js'

const policy = definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })
const apps: FastifyInstance[] = []

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()))
})

function identified(logger?: FastifyLoggerOptions): FastifyInstance {
  const app = Fastify(logger && { logger })
  apps.push(app)
  app.addHook('onRequest', async (request) => bindRequest(request, policy))
  return app
}

async function limited(options: FastifyRateLimitOptions): Promise<FastifyInstance> {
  const app = identified()
  await app.register(rateLimit, options)
  return app
}

function from(
  app: FastifyInstance,
  ip: string,
  url = '/',
  method: 'GET' | 'HEAD' | 'POST' = 'GET',
) {
  return app.inject({ method, url, headers: { 'x-forwarded-for': ip }, remoteAddress: '127.0.0.1' })
}

async function statuses(n: number, ask: () => Promise<{ statusCode: number }>): Promise<number[]> {
  const all: number[] = []
  for (let i = 0; i < n; i++) all.push((await ask()).statusCode)
  return all
}

describe('a limited application', () => {
  test('answers 429 with problem details when the quota is used up', async () => {
    stopClock()
    const app = await limited({ limit: 2, window: 60 })
    app.get('/', async () => 'hello')
    expect(await statuses(2, () => from(app, '198.51.100.7'))).toEqual([200, 200])
    const refused = await from(app, '198.51.100.7')
    expect(refused.statusCode).toBe(429)
    expect(refused.headers['content-type']).toBe('application/problem+json')
    expect(refused.headers['cache-control']).toBe('no-store')
    expect(refused.json()).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'Quota Exceeded',
      status: 429,
      detail: 'Try again in 60 s.',
      'violated-policies': ['default'],
    })
    expect(refused.headers).toMatchObject({
      'retry-after': '60',
      ratelimit: '"default";r=0;t=60',
      'ratelimit-policy': '"default";q=2;w=60',
    })
    expect((await from(app, '203.0.113.9')).statusCode).toBe(200)
  })

  test('shows the limit and what is left on success as well', async () => {
    stopClock()
    const app = await limited({ limit: 5, window: 60, name: 'app' })
    app.get('/', async () => 'hello')
    const { headers } = await from(app, '198.51.100.7')
    expect(headers['ratelimit-policy']).toBe('"app";q=5;w=60')
    expect(headers['ratelimit']).toBe('"app";r=4;t=60')
    expect(headers).not.toHaveProperty('retry-after')
    expect(headers).not.toHaveProperty('x-ratelimit-limit')
  })

  test('counts 404s as well', async () => {
    const app = await limited({ limit: 1, window: 60 })
    expect(await statuses(3, () => from(app, '198.51.100.7', '/nowhere'))).toEqual([404, 429, 429])
  })

  test('counts all routes together', async () => {
    const app = await limited({ limit: 2, window: 60 })
    app.get('/a', async () => 'a')
    app.get('/b', async () => 'b')
    await from(app, '198.51.100.7', '/a')
    await from(app, '198.51.100.7', '/b')
    expect((await from(app, '198.51.100.7', '/a')).statusCode).toBe(429)
  })

  test('sends the older header fields where asked to', async () => {
    stopClock()
    const app = await limited({ limit: 5, window: 60, headers: ['draft-11', 'legacy'] })
    app.get('/', async () => 'hello')
    expect((await from(app, '198.51.100.7')).headers).toMatchObject({
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '4',
      'x-ratelimit-reset': '60',
    })
  })

  test('takes the first of several limits that refuses for the older header fields', async () => {
    stopClock()
    const limits = [
      { name: 'daily', limit: 100, window: 86_400 },
      { name: 'burst', limit: 1, window: 10 },
    ]
    const app = await limited({ limits, headers: ['draft-11', 'legacy'] })
    app.get('/', async () => 'hello')
    await from(app, '198.51.100.7')
    const { headers } = await from(app, '198.51.100.7')
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '1', 'x-ratelimit-reset': '10' })
    expect(headers['ratelimit-policy']).toBe('"daily";q=100;w=86400, "burst";q=1;w=10')
    expect(headers['retry-after']).toBe('10')
  })

  test('calls a block by its own problem type', async () => {
    stopClock()
    const app = await limited({ limit: 1, window: 10, blockDuration: 600 })
    app.get('/', async () => 'hello')
    await from(app, '198.51.100.7')
    const refused = await from(app, '198.51.100.7')
    expect(refused.headers['retry-after']).toBe('600')
    expect(refused.json().type).toBe(
      'https://iana.org/assignments/http-problem-types#abnormal-usage-detected',
    )
  })

  test('answers 500 and does not pass a request whose key cannot be made', async () => {
    const app = await limited({ limit: 1, window: 10, key: () => 1 as never })
    app.get('/', async () => 'hello')
    expect((await from(app, '198.51.100.7')).statusCode).toBe(500)
  })

  test('rejects at start-up what it could not honour', async () => {
    const app = identified()
    await expect(app.register(rateLimit, { limit: 0, window: 60 })).rejects.toMatchObject({
      code: 'bad-limit',
    })
  })

  test('counts after a login where the hook says so', async () => {
    const app = identified()
    app.decorateRequest('user', '')
    app.addHook('preValidation', async (request) => {
      Object.assign(request, { user: String(request.headers['authorization'] ?? '') })
    })
    await app.register(rateLimit, {
      limit: 1,
      window: 60,
      hook: 'preHandler',
      key: (request) => (request as unknown as { user: string }).user,
    })
    app.get('/', async () => 'hello')
    const as = (authorization: string) =>
      app.inject({ url: '/', headers: { 'x-forwarded-for': '198.51.100.7', authorization } })
    expect(await statuses(2, () => as('ada'))).toEqual([200, 429])
    expect(await statuses(2, () => as('bob'))).toEqual([200, 429])
  })
})

describe('a store that does not answer', () => {
  const silent = { limit: 5, window: 60, deadline: 5 }

  test("is answered 429 with 'deny', and not as if the client had done something", async () => {
    const app = await limited({ ...silent, store: silentStore(), onStoreError: 'deny' })
    app.get('/', async () => 'hello')
    const refused = await from(app, '198.51.100.7')
    expect(refused.statusCode).toBe(429)
    expect(refused.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '1',
      'ratelimit-policy': '"default";q=5;w=60',
    })
    expect(refused.headers).not.toHaveProperty('ratelimit')
    expect(refused.json()).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
      title: 'Temporary Reduced Capacity',
      status: 429,
      detail: 'Try again in 1 s.',
      'violated-policies': [],
    })
  })

  test("lets requests pass with 'allow', and shows no number that nobody counted", async () => {
    const app = await limited({ ...silent, store: silentStore(), onStoreError: 'allow' })
    app.get('/', async () => 'hello')
    const passed = await from(app, '198.51.100.7')
    expect(passed.statusCode).toBe(200)
    expect(passed.headers['ratelimit-policy']).toBe('"default";q=5;w=60')
    expect(passed.headers).not.toHaveProperty('ratelimit')
  })

  test('leaves a reply alone that was sent while the store was asked', async () => {
    const lines: string[] = []
    const app = identified({ level: 'warn', stream: { write: (line) => lines.push(line) } })
    app.addHook('onRequest', (_request, reply, done) => {
      done()
      reply.code(503).send('too late')
    })
    await app.register(rateLimit, { ...silent, store: silentStore(), onStoreError: 'deny' })
    app.get('/', async () => 'hello')
    expect(await statuses(2, () => from(app, '198.51.100.7'))).toEqual([503, 503])
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(lines).toEqual([])
  })

  test('is stood in for by this process unless something else is said', async () => {
    const app = await limited({ ...silent, store: silentStore() })
    app.get('/', async () => 'hello')
    const all = await statuses(8, () => from(app, '198.51.100.7'))
    expect(all).toEqual([200, 200, 200, 200, 200, 429, 429, 429])
  })
})

describe('a limited scope', () => {
  test('leaves the rest of the application alone', async () => {
    const app = identified()
    app.get('/open', async () => 'open')
    await app.register(
      async (api) => {
        await api.register(rateLimit, { limit: 1, window: 60 })
        api.get('/a', async () => 'a')
      },
      { prefix: '/api' },
    )
    expect(await statuses(3, () => from(app, '198.51.100.7', '/api/a'))).toEqual([200, 429, 429])
    expect(await statuses(3, () => from(app, '198.51.100.7', '/open'))).toEqual([200, 200, 200])
  })

  test('adds its limit to that of the application', async () => {
    stopClock()
    const app = await limited({ limit: 3, window: 60, name: 'app' })
    await app.register(async (api) => {
      await api.register(rateLimit, { limit: 1, window: 30, name: 'api' })
      api.get('/a', async () => 'a')
    })
    app.get('/b', async () => 'b')
    const both = await from(app, '198.51.100.7', '/a')
    expect(both.headers['ratelimit-policy']).toBe('"app";q=3;w=60, "api";q=1;w=30')
    expect(both.headers['ratelimit']).toBe('"app";r=2;t=60, "api";r=0;t=30')
    expect((await from(app, '198.51.100.7', '/a')).json()['violated-policies']).toEqual(['api'])
    expect(await statuses(2, () => from(app, '198.51.100.7', '/b'))).toEqual([200, 429])
  })
})

describe('a route', () => {
  test('has its own limits in place of those of the application', async () => {
    stopClock()
    const app = await limited({ limit: 5, window: 60 })
    app.post('/login', { config: { rateLimit: { limit: 1, window: 300 } } }, async () => 'in')
    app.get('/', async () => 'hello')
    const first = await from(app, '198.51.100.7', '/login', 'POST')
    expect(first.headers['ratelimit-policy']).toBe('"POST /login";q=1;w=300')
    expect((await from(app, '198.51.100.7', '/login', 'POST')).statusCode).toBe(429)
    expect((await from(app, '198.51.100.7')).headers['ratelimit']).toBe('"default";r=4;t=60')
  })

  test('has several limits at once', async () => {
    stopClock()
    const app = await limited({})
    const limits = [
      { name: 'burst', limit: 2, window: 1 },
      { name: 'daily', limit: 100, window: 86_400, cost: 10 },
    ]
    app.get('/', { config: { rateLimit: { limits } } }, async () => 'hello')
    app.get('/free', async () => 'free')
    const { headers } = await from(app, '198.51.100.7')
    expect(headers['ratelimit']).toBe('"burst";r=1;t=1, "daily";r=90;t=86400')
    expect((await from(app, '198.51.100.7', '/free')).headers).not.toHaveProperty('ratelimit')
  })

  test('has none with false', async () => {
    const app = await limited({ limit: 1, window: 60 })
    app.get('/health', { config: { rateLimit: false } }, async () => 'up')
    expect(await statuses(3, () => from(app, '198.51.100.7', '/health'))).toEqual([200, 200, 200])
  })

  test('has none of its own any more once it has passed a request to the 404', async () => {
    const app = await limited({ limit: 5, window: 60, hook: 'preHandler' })
    const config = { rateLimit: { name: 'own', limit: 2, window: 60 } }
    app.get('/gone', { config }, async (_request, reply) => reply.callNotFound())
    const { headers } = await from(app, '198.51.100.7', '/gone')
    expect(headers['ratelimit']).toMatch(/^"own";r=1;t=\d+, "default";r=4;t=\d+$/)
  })

  test('counts HEAD with GET', async () => {
    const app = await limited({})
    app.get('/', { config: { rateLimit: { limit: 2, window: 60 } } }, async () => 'hello')
    await from(app, '198.51.100.7', '/', 'HEAD')
    await from(app, '198.51.100.7')
    expect((await from(app, '198.51.100.7', '/', 'HEAD')).statusCode).toBe(429)
  })

  test('is counted once where scopes are nested, by the innermost', async () => {
    stopClock()
    const app = await limited({ limit: 100, window: 60 })
    await app.register(async (api) => {
      await api.register(rateLimit, { limit: 50, window: 60, name: 'api' })
      api.get('/a', { config: { rateLimit: { limit: 3, window: 60 } } }, async () => 'a')
    })
    const { headers } = await from(app, '198.51.100.7', '/a')
    expect(headers['ratelimit']).toBe('"GET /a";r=2;t=60')
  })

  test('is counted by each of the nested scopes for itself in memory, though their limits are of one name', async () => {
    stopClock()
    const app = await limited({ limit: 4, window: 60 })
    await app.register(async (api) => {
      await api.register(rateLimit, { limit: 4, window: 60 })
      api.get('/a', async () => 'a')
    })
    app.get('/', async () => 'hello')
    const { headers } = await from(app, '198.51.100.7', '/a')
    expect(headers['ratelimit']).toBe('"default";r=3;t=60, "default";r=3;t=60')
    expect(await statuses(4, () => from(app, '198.51.100.7'))).toEqual([200, 200, 200, 429])
  })

  test.each([{ window: 60 }, { limit: undefined, window: 60 }, { cost: 2 }, { limits: undefined }])(
    'is refused at start-up with %o and no limit, and not left uncounted',
    async (options) => {
      const given: object = options
      await expect(limited(given as FastifyRateLimitOptions)).rejects.toThrow(/limit/)
    },
  )

  test('keeps its limits where it was declared before the plugin was loaded', async () => {
    const app = identified()
    app.register(rateLimit, { limit: 100, window: 60 })
    app.get('/', { config: { rateLimit: { limit: 1, window: 60 } } }, async () => 'hello')
    expect(await statuses(2, () => from(app, '198.51.100.7'))).toEqual([200, 429])
  })

  test('is refused at start-up with options that could not be honoured', async () => {
    const app = await limited({})
    expect(() =>
      app.get('/', { config: { rateLimit: { limit: 1, window: 0.5 } } }, async () => 'hello'),
    ).toThrow('bad-window')
  })

  test.each([null, true, 0, ''])(
    'is refused at start-up with %j for options',
    async (rateLimit) => {
      const app = await limited({})
      const config = { rateLimit: rateLimit as unknown as false }
      expect(() => app.get('/', { config }, async () => 'hello')).toThrow('must be an object')
    },
  )

  test('shares a limiter that was built before, in a hook and not as the options of the plugin', async () => {
    const limiter = new RateLimiter<FastifyRequest>({ limit: 1, window: 60 })
    const app = identified()
    app.addHook('onRequest', rateLimitHook(limiter))
    app.get('/', async () => 'hello')
    expect(await statuses(2, () => from(app, '198.51.100.7'))).toEqual([200, 429])
    const options: object = limiter
    await expect(limited(options as FastifyRateLimitOptions)).rejects.toThrow(
      "write fastify.addHook('onRequest', rateLimitHook(limiter))",
    )
  })

  test('takes its own hook without the plugin', async () => {
    const app = identified()
    const strict = rateLimitHook({ limit: 1, window: 60, name: 'strict' })
    app.get('/a', { onRequest: strict }, async () => 'a')
    app.get('/b', { onRequest: strict }, async () => 'b')
    app.get('/c', async () => 'c')
    expect(await statuses(2, () => from(app, '198.51.100.7', '/a'))).toEqual([200, 429])
    expect(await statuses(2, () => from(app, '198.51.100.7', '/b'))).toEqual([429, 429])
    expect(await statuses(2, () => from(app, '198.51.100.7', '/c'))).toEqual([200, 200])
  })
})
