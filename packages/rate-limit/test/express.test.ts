import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { bindServer, definePolicy } from '@truehop/identity'
import { RateLimiter } from '@truehop/rate-limit'
import rateLimit from '@truehop/rate-limit/express'
import express, { type Express, type Request } from 'express'
import { afterEach, describe, expect, test } from 'vitest'
import { DECISION_CHANNEL } from '../src/respond/channels.js'
import { silentStore } from './silent-store.js'
import { stopClock } from './stopped-clock.js'

// The types of 5 serve: what is used here did not change.
const express4: typeof express = createRequire(import.meta.url)('express4')
const policy = definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})

async function serve(app: Express) {
  const server = createServer(app)
  servers.push(server)
  bindServer(server, policy)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return (ip: string, path = '/', headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { ...headers, 'x-forwarded-for': ip } })
}

async function statuses(n: number, ask: () => Promise<Response>): Promise<number[]> {
  const all: number[] = []
  for (let i = 0; i < n; i++) all.push((await ask()).status)
  return all
}

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('%s', (_name, framework) => {
  test('answers 429 with problem details when the quota is used up', async () => {
    stopClock()
    const app = framework()
    app.use(rateLimit({ limit: 2, window: 60 }))
    app.get('/', (_request, response) => {
      response.send('hello')
    })
    const ask = await serve(app)
    const first = await ask('198.51.100.7')
    expect(first.headers.get('ratelimit-policy')).toBe('"default";q=2;w=60')
    expect(first.headers.get('ratelimit')).toBe('"default";r=1;t=60')
    await ask('198.51.100.7')
    const refused = await ask('198.51.100.7')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(refused.headers.get('cache-control')).toBe('no-store')
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(await refused.json()).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'Quota Exceeded',
      status: 429,
      detail: 'Try again in 60 s.',
      'violated-policies': ['default'],
    })
    expect((await ask('203.0.113.9')).status).toBe(200)
  })

  test('limits a router or a route alone, beside the limit of the application', async () => {
    stopClock()
    const app = framework()
    app.use(rateLimit({ limit: 5, window: 60, name: 'app' }))
    const api = framework.Router()
    api.use(rateLimit({ limit: 1, window: 30, name: 'api' }))
    api.get('/a', (_request, response) => {
      response.send('a')
    })
    app.use('/api', api)
    app.get('/open', (_request, response) => {
      response.send('open')
    })
    const ask = await serve(app)
    const both = await ask('198.51.100.7', '/api/a')
    expect(both.headers.get('ratelimit')).toBe('"app";r=4;t=60, "api";r=0;t=30')
    expect((await ask('198.51.100.7', '/api/a')).status).toBe(429)
    expect(await statuses(4, () => ask('198.51.100.7', '/open'))).toEqual([200, 200, 200, 429])
  })

  test('leaves a response alone that was sent while the store was asked', async () => {
    const reached: string[] = []
    const decided: unknown[] = []
    const listen = (message: unknown) => decided.push(message)
    const app = framework()
    app.use((_request, response, next) => {
      next()
      response.status(503).send('too late')
    })
    app.use(rateLimit({ limit: 1, window: 60, store: silentStore(), deadline: 5 }))
    app.use((request, response) => {
      reached.push(request.url)
      response.send('hello')
    })
    const ask = await serve(app)
    subscribe(DECISION_CHANNEL, listen)
    try {
      expect(await (await ask('198.51.100.7')).text()).toBe('too late')
      await expect.poll(() => decided).toHaveLength(1)
      expect(await (await ask('198.51.100.7')).text()).toBe('too late')
      await expect.poll(() => decided).toHaveLength(2)
    } finally {
      unsubscribe(DECISION_CHANNEL, listen)
    }
    expect(reached).toEqual([])
  })

  test('gives what a callback throws to the error handler', async () => {
    const app = framework()
    app.use(rateLimit({ limit: 1, window: 60, cost: () => Number.NaN }))
    app.use(((error, _request, response, _next) => {
      response.status(500).send(String(error))
    }) satisfies express.ErrorRequestHandler)
    const answer = await (await serve(app))('198.51.100.7')
    expect(answer.status).toBe(500)
    expect(await answer.text()).toContain('return an integer, 0 or more')
  })
})

describe('the middleware', () => {
  test('takes a limiter that is used elsewhere too', async () => {
    const limiter = new RateLimiter<Request>({ limit: 2, window: 60 })
    const app = express()
    app.get('/a', rateLimit(limiter), (_request, response) => {
      response.send('a')
    })
    app.get('/b', rateLimit(limiter), (_request, response) => {
      response.send('b')
    })
    const ask = await serve(app)
    expect(await statuses(2, () => ask('198.51.100.7', '/a'))).toEqual([200, 200])
    expect(await statuses(2, () => ask('198.51.100.7', '/b'))).toEqual([429, 429])
  })

  test('publishes each decision with the request it is about', async () => {
    const told: unknown[] = []
    const listen = (message: unknown) => told.push(message)
    subscribe(DECISION_CHANNEL, listen)
    try {
      const app = express()
      app.use(rateLimit({ limit: 1, window: 60 }))
      const ask = await serve(app)
      await ask('198.51.100.7', '/x')
      await ask('198.51.100.7', '/x')
    } finally {
      unsubscribe(DECISION_CHANNEL, listen)
    }
    expect(told).toMatchObject([
      { decision: { allowed: true, client: '198.51.100.7' }, request: { url: '/x' } },
      { decision: { allowed: false, reason: 'quota-exceeded' }, request: { url: '/x' } },
    ])
  })
})
