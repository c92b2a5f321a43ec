import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastifyRateLimit from '@fastify/rate-limit'
import { bindRequest, bindServer, definePolicy } from '@truehop/identity'
import { rateLimitKey } from '@truehop/rate-limit'
import express from 'express'
import { rateLimit as expressRateLimit } from 'express-rate-limit'
import Fastify from 'fastify'
import { expect, test } from 'vitest'

const policy = definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })

/** What four requests are answered: one network twice, another one, and nobody that can be named. */
const FORWARDED = ['2001:db8:1:2::1', '2001:db8:1:2::ffff', '2001:db8:1:3::1', 'unknown']
const EXPECTED = [200, 429, 200, 200]

test('rateLimitKey is a keyGenerator of @fastify/rate-limit', async () => {
  const app = Fastify()
  app.addHook('onRequest', async (request) => bindRequest(request, policy))
  await app.register(fastifyRateLimit, {
    max: 1,
    timeWindow: '1 minute',
    keyGenerator: rateLimitKey,
  })
  app.get('/', async () => 'hello')
  const statuses: number[] = []
  for (const forwarded of FORWARDED) {
    const headers = { 'x-forwarded-for': forwarded }
    statuses.push((await app.inject({ url: '/', headers, remoteAddress: '127.0.0.1' })).statusCode)
  }
  await app.close()
  expect(statuses).toEqual(EXPECTED)
})

test('rateLimitKey is a keyGenerator of express-rate-limit', async () => {
  const app = express()
  app.use(expressRateLimit({ limit: 1, windowMs: 60_000, keyGenerator: rateLimitKey }))
  app.get('/', (_request, response) => {
    response.send('hello')
  })
  const server = createServer(app)
  bindServer(server, policy)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const statuses: number[] = []
  for (const forwarded of FORWARDED) {
    const headers = { 'x-forwarded-for': forwarded }
    statuses.push((await fetch(`http://127.0.0.1:${port}/`, { headers })).status)
  }
  server.closeAllConnections()
  server.close()
  expect(statuses).toEqual(EXPECTED)
})
