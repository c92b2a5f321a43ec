import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { bindRequest } from '@truehop/identity'
import express5, { type Express } from 'express'
import { afterEach, describe, expect, test } from 'vitest'
import { accessLog, type ExpressAccessLogOptions } from '../src/express.js'
import { ask, askAndHold, Lines, pinoTo, policy, trustTests } from './service.js'

const express4: typeof express5 = createRequire(import.meta.url)('express4')

let server: Server | undefined

afterEach(async () => {
  const closing = server
  server = undefined
  closing?.closeAllConnections()
  if (closing !== undefined) await new Promise((done) => closing.close(done))
})

async function serve(app: Express, trusts = true): Promise<Server> {
  const started = app.listen(0, '127.0.0.1')
  server = started
  if (trusts) trustTests(started)
  await new Promise((ready) => started.once('listening', ready))
  return started
}

test.each([
  ['none', undefined, /logger: is missing; write logger: pino\(\)/],
  ['what cannot log', { write: () => {} }, /logger: must be a pino logger/],
  ['one without the level of errors', { info: () => {} }, /logger: must be a pino logger/],
])('a logger that is %s is an error at start-up', (_what, logger, message) => {
  const options: object = { logger }
  expect(() => accessLog(options as ExpressAccessLogOptions)).toThrow(
    expect.objectContaining({
      name: 'LogError',
      path: 'logger',
      message: expect.stringMatching(message),
    }),
  )
})

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_version, express) => {
  function create(lines: Lines, options: Omit<ExpressAccessLogOptions, 'logger'> = {}): Express {
    const app = express()
    app.use(accessLog({ logger: pinoTo(lines), ...options }))
    return app
  }

  test.each([
    ['users', 'mountPaths: must be an array'],
    [['users'], 'mountPaths[0]'],
    [['/'], 'mountPaths[0]'],
    [['/ok', '/files/*'], 'mountPaths[1]'],
    [['/:id(\\d+)'], "a path such as '/users/:id'"],
    [[/users/], 'mountPaths[0]'],
  ])('refuses %j as mount paths', (mountPaths, says) => {
    // What JavaScript may hand over.
    const options = JSON.parse(JSON.stringify({ mountPaths }))
    expect(() => create(new Lines(), options)).toThrow(says)
  })

  describe('the access record', () => {
    test('has the route pattern, the identity and what was sent', async () => {
      const lines = new Lines()
      const app = create(lines, { mountPaths: ['/users'] })
      const users = express.Router()
      users.get('/:id', (_request, response) => void response.send('hello'))
      app.use('/users', users)
      await ask(await serve(app), {
        path: '/users/7?a=b',
        as: '192.0.2.66, 203.0.113.9',
        headers: { 'user-agent': 'tests/1' },
      })
      const record = await lines.record()
      expect(record).toMatchObject({
        level: 30,
        'http.request.method': 'GET',
        'http.route': '/users/:id',
        'url.path': '/users/7',
        'url.scheme': 'http',
        'http.response.status_code': 200,
        'http.response.body.size': 5,
        'client.address': '203.0.113.9',
        'network.peer.address': '127.0.0.1',
        'user_agent.original': 'tests/1',
        'truehop.identity.rule': 'edge',
      })
      expect(record['http.server.request.duration']).toBeGreaterThan(0)
      expect(record['network.peer.port']).toBeGreaterThan(0)
    })

    test('for 404s and errors', async () => {
      const lines = new Lines()
      const app = create(lines)
      app.set('env', 'test')
      app.get('/fails', () => {
        throw new Error('no')
      })
      const running = await serve(app)
      await ask(running, { path: '/nowhere', as: '203.0.113.9' })
      await ask(running, { path: '/fails', as: '203.0.113.9' })
      const records = await lines.records(2)
      expect(records.map((record) => record['http.response.status_code'])).toEqual([404, 500])
      expect(records.map((record) => record['http.route'])).toEqual([undefined, '/fails'])
    })

    test('when the client leaves before the response began', async () => {
      const lines = new Lines()
      const app = create(lines)
      let arrived = () => {}
      const inHandler = new Promise<void>((resolve) => {
        arrived = resolve
      })
      app.get('/slow', () => arrived())
      const socket = askAndHold(await serve(app), '/slow', '203.0.113.9')
      await inHandler
      socket.destroy()
      const record = await lines.record()
      expect(record).toMatchObject({
        'error.type': 'aborted',
        'client.address': '203.0.113.9',
        'network.peer.address': '127.0.0.1',
        'http.route': '/slow',
      })
      expect(record).not.toHaveProperty('http.response.status_code')
    })

    test('of a request that the identity refuses, with the identity, put before it', async () => {
      const lines = new Lines()
      const app = create(lines)
      app.use((request, response) => {
        bindRequest(request, policy)
        response.status(400).end()
      })
      await ask(await serve(app, false), { path: '/', as: 'unknown' })
      expect(await lines.record()).toMatchObject({
        'http.response.status_code': 400,
        'client.address': 'unknown',
        'truehop.identity.status': 'undetermined',
        'truehop.identity.reason': 'unidentified-node',
        'network.peer.address': '127.0.0.1',
      })
    })

    test('is written without a policy too, which is reported once', async () => {
      const lines = new Lines()
      const app = create(lines)
      const running = await serve(app, false)
      await ask(running, { path: '/', as: '203.0.113.9' })
      await ask(running, { path: '/', as: '203.0.113.9' })
      expect((await lines.records(2))[1]).toMatchObject({
        'client.address': 'unknown',
        'truehop.identity.status': 'unbound',
      })
      expect(lines.all.filter(({ level }) => level === 50)).toHaveLength(1)
    })

    test('takes the id that another middleware gave the request', async () => {
      const lines = new Lines()
      const app = express()
      app.use((request, _response, next) => {
        Object.assign(request, { id: 17 })
        next()
      })
      app.use(accessLog({ logger: pinoTo(lines), fields: 'ecs' }))
      await ask(await serve(app), { path: '/', as: '203.0.113.9' })
      expect(await lines.record()).toMatchObject({ http: { request: { id: '17' } } })
    })
  })

  test('combined lines go to the destination', async () => {
    const written: string[] = []
    const app = create(new Lines(), {
      fields: 'combined',
      destination: { write: (text) => written.push(text) },
    })
    app.get('/', (_request, response) => void response.send('hello'))
    await ask(await serve(app), { path: '/', as: '203.0.113.9' })
    await new Promise((next) => setImmediate(next))
    expect(written).toEqual([
      expect.stringMatching(/^203\.0\.113\.9 - - \[[^\]]+\] "GET \/ HTTP\/1\.1" 200 5 "-" "-"\n$/),
    ])
  })
})
