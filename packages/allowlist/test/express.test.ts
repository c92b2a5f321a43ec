import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import express5, { type ErrorRequestHandler, type Express } from 'express'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { allowlist } from '../src/express.js'
import { defineAllowlist } from '../src/index.js'
import { ask, trustTests } from './service.js'

const express4: typeof express5 = createRequire(import.meta.url)('express4')

let server: Server | undefined

afterEach(async () => {
  const closing = server
  server = undefined
  if (closing !== undefined) await new Promise((done) => closing.close(done))
})

async function serve(app: Express): Promise<Server> {
  const started = app.listen(0, '127.0.0.1')
  server = started
  trustTests(started)
  await new Promise((ready) => started.once('listening', ready))
  return started
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_version, express) => {
  test('guards a whole application', async () => {
    const app = express()
    app.use(allowlist({ allow: ['203.0.113.0/24'] }))
    app.get('/', (_request, response) => void response.send('in'))
    const running = await serve(app)

    expect(await ask(running, '/', '203.0.113.9')).toMatchObject({ status: 200, body: 'in' })
    const refused = await ask(running, '/', '198.51.100.7')
    expect(refused).toMatchObject({
      status: 403,
      type: 'application/problem+json',
      cacheControl: 'no-store',
    })
    expect(JSON.parse(refused.body)).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
    })
    expect(await ask(running, '/nowhere', '198.51.100.7')).toMatchObject({ status: 403 })
    expect(await ask(running, '/', 'unknown')).toMatchObject({ status: 403 })
  })

  test('guards one route, and its owner changes the lists while it runs', async () => {
    const admin = defineAllowlist({ name: 'admin', allow: ['10.9.0.0/16'] })
    const app = express()
    app.get('/open', (_request, response) => void response.send('open'))
    app.get('/admin', allowlist(admin), (_request, response) => void response.send('admin'))
    const running = await serve(app)

    expect(await ask(running, '/open', '203.0.113.9')).toMatchObject({ status: 200 })
    expect(await ask(running, '/admin', '203.0.113.9')).toMatchObject({ status: 403 })
    await admin.replace({ allow: ['203.0.113.0/24'] })
    expect(await ask(running, '/admin', '203.0.113.9')).toMatchObject({ status: 200 })
    admin.add('deny', '203.0.113.9', { ttl: 600 })
    expect(await ask(running, '/admin', '203.0.113.9')).toMatchObject({ status: 403 })
  })

  test('passes onRefused every refusal with the request, and tells the client nothing about it', async () => {
    const onRefused = vi.fn()
    const app = express()
    app.use(allowlist({ deny: ['198.51.100.7'], onRefused }))
    app.get('/', (_request, response) => void response.send('in'))
    const running = await serve(app)

    const refused = await ask(running, '/', '198.51.100.7')
    await ask(running, '/', '203.0.113.9')
    expect(onRefused.mock.calls.map(([decision, request]) => [decision, request.url])).toEqual([
      [expect.objectContaining({ allowed: false, entry: '198.51.100.7' }), '/'],
    ])
    expect(refused.body).not.toContain('198.51.100.7')
  })

  test('a callback that throws answers with an error and lets nobody through', async () => {
    const app = express()
    const onRefused = () => {
      throw new Error('broken callback')
    }
    app.use(allowlist({ deny: ['203.0.113.9'], onRefused }))
    app.get('/', (_request, response) => void response.send('in'))
    app.use(
      ((_error, _request, response, _next) =>
        void response.status(500).end()) as ErrorRequestHandler,
    )
    expect(await ask(await serve(app), '/', '203.0.113.9')).toMatchObject({ status: 500, body: '' })
  })

  test('report mode lets everybody through', async () => {
    const app = express()
    app.use(allowlist({ allow: [], mode: 'report' }))
    app.get('/', (_request, response) => void response.send('in'))
    expect(await ask(await serve(app), '/', '203.0.113.9')).toMatchObject({ status: 200 })
  })
})
