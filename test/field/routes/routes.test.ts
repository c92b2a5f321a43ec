import { once } from 'node:events'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo, Server } from 'node:net'
import truehopExpress from '@truehop/express'
import truehopFastify from '@truehop/fastify'
import { accessLog as expressLog } from '@truehop/log/express'
import { accessLog as fastifyLog } from '@truehop/log/fastify'
import express5, { type Express, type IRouter } from 'express'
import fastify, { type FastifyInstance } from 'fastify'
import pino from 'pino'
import { afterEach, describe, expect, test } from 'vitest'

/*
 * `http.route` is the matched route in the form the framework has it, and "MUST NOT be populated
 * when this is not supported by the HTTP server framework as the route attribute should have
 * low-cardinality and the URI path can NOT substitute it" (OpenTelemetry semantic conventions, HTTP
 * server spans). So: the pattern of the route, or nothing; never what the client wrote.
 */

const express4: typeof express5 = createRequire(import.meta.url)('express4')

/** Client text, as long as Node lets a request line be. */
const LONG = 'x'.repeat(8000)
const MARK = 'written-by-the-client'

/** Where pino writes; the access records among it, as they come. */
class Records {
  readonly #all: Record<string, unknown>[] = []
  #wake = (): void => {}

  write(line: string): void {
    const record: Record<string, unknown> = JSON.parse(line)
    if (record['msg'] !== 'access') return
    this.#all.push(record)
    this.#wake()
  }

  async next(): Promise<Record<string, unknown>> {
    while (this.#all.length === 0) {
      await new Promise<void>((wake) => {
        this.#wake = wake
      })
    }
    return this.#all.shift() ?? {}
  }
}

const open: Server[] = []

afterEach(async () => {
  for (const server of open.splice(0)) {
    server.close()
    await once(server, 'close')
  }
})

function get(server: Server, path: string): Promise<number> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    asked.on('error', reject)
    asked.end()
  })
}

type Row = readonly [what: string, path: string, route: string | undefined, status: number]

async function expectRoute(records: Records, server: Server, row: Row): Promise<void> {
  const [, path, route, status] = row
  expect(await get(server, path)).toBe(status)
  const record = await records.next()
  expect(record['http.route']).toBe(route)
  expect(String(record['http.route'])).not.toContain(MARK)
}

describe('Fastify', () => {
  function routes(app: Pick<FastifyInstance, 'get' | 'register'>): void {
    const answer = async () => 'ok'
    app.get('/', answer)
    app.get('/users/:id', answer)
    app.get('/at/:hour(^\\d{2})h:minute(^\\d{2})m', answer)
    app.get('/files/*', answer)
    app.get('/fails/:id', async () => {
      throw new Error('on purpose')
    })
    app.register(
      async (child) => {
        child.get('/things/:thing', answer)
        child.setNotFoundHandler((_request, reply) => reply.code(404).send('none'))
      },
      { prefix: '/of/:tenant' },
    )
  }

  const ROWS: readonly Row[] = [
    ['the root', '/', '/', 200],
    ['a parameter', `/users/${MARK}`, '/users/:id', 200],
    ['a parameter with a query', `/users/7?${MARK}`, '/users/:id', 200],
    ['a long query', `/users/7?${LONG}`, '/users/:id', 200],
    ['an expression', '/at/12h30m', '/at/:hour(^\\d{2})h:minute(^\\d{2})m', 200],
    ['a wildcard', `/files/${MARK}/b/c`, '/files/*', 200],
    ['a long wildcard', `/files/${LONG}`, '/files/*', 200],
    ['a prefix with a parameter', `/of/${MARK}/things/9`, '/of/:tenant/things/:thing', 200],
    ['an error', `/fails/${MARK}`, '/fails/:id', 500],
    ['no route', `/${MARK}`, undefined, 404],
    ['no route of a prefix', `/of/${MARK}/none`, undefined, 404],
    ['a path that is none', `/${MARK}/%`, undefined, 400],
    ['a parameter that is too long', `/users/${LONG}`, undefined, 414],
  ]

  test.each(ROWS)('%s', async (...row) => {
    const records = new Records()
    const app: FastifyInstance = fastify({
      logger: { stream: records, base: null },
    })
    await app.register(fastifyLog)
    await app.register(truehopFastify, { hops: [] })
    routes(app)
    await app.listen({ port: 0, host: '127.0.0.1' })
    try {
      await expectRoute(records, app.server, row)
    } finally {
      await app.close()
    }
  })
})

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (version, express) => {
  const rest = version === 'Express 4' ? '/files/*' : '/files/*rest'

  function answering(router: IRouter, pattern: string | RegExp | string[]): void {
    router.get(pattern, (_request, response) => void response.send('ok'))
  }

  function routes(app: Express): void {
    answering(app, '/')
    answering(app, '/users/:id')
    answering(app, rest)
    answering(app, /^\/by\/(.+)$/)
    answering(app, ['/one/:a', '/two/:b'])
    app.get('/fails/:id', () => {
      throw new Error('on purpose')
    })
    for (const mount of ['/api', '/listed/:tenant', '/not/:tenant']) {
      const router = express.Router()
      const inner = express.Router({ mergeParams: true })
      answering(router, '/users/:id')
      router.get('/fails/:id', () => {
        throw new Error('on purpose')
      })
      answering(inner, '/things/:thing')
      router.use('/in/:room', inner)
      app.use(mount, router)
    }
    const sub = express()
    answering(sub, '/users/:id')
    const subRouter = express.Router()
    answering(subRouter, '/users/:id')
    sub.use('/:any', subRouter)
    app.use('/sub', sub)
    const tenants = express()
    answering(tenants, '/users/:id')
    app.use('/tenants/:tenant', tenants)
    const loose = express.Router()
    answering(loose, '/users/:id')
    app.use(/^\/any.*\/thing/, loose)
  }

  const ROWS: readonly Row[] = [
    ['the root', '/', '/', 200],
    ['a parameter', `/users/${MARK}`, '/users/:id', 200],
    ['a long query', `/users/7?${LONG}`, '/users/:id', 200],
    ['a wildcard', `/files/${MARK}/b`, rest, 200],
    ['an expression', `/by/${MARK}`, '/^\\/by\\/(.+)$/', 200],
    ['several patterns', `/two/${MARK}`, '/one/:a,/two/:b', 200],
    ['an error', `/fails/${MARK}`, '/fails/:id', 500],
    ['no route', `/${MARK}`, undefined, 404],
    ['a path that is none', `/users/%`, undefined, 400],
    ['a router whose path is listed', `/api/users/${MARK}`, '/api/users/:id', 200],
    ['the same in other letters', `/API/users/${MARK}`, '/api/users/:id', 200],
    ['a listed pattern', `/listed/${MARK}/users/7`, '/listed/:tenant/users/:id', 200],
    [
      'a nested router that is listed',
      `/api/in/${MARK}/things/7`,
      '/api/in/:room/things/:thing',
      200,
    ],
    ['a nested router that is not', `/listed/7/in/${MARK}/things/7`, undefined, 200],
    ['a router that is not listed', `/not/${MARK}/users/7`, undefined, 200],
    ['a long text where a router is', `/not/${LONG}/users/7`, undefined, 200],
    ['a router that an error left', `/api/fails/${MARK}`, undefined, 500],
    ['no route of a router', `/not/${MARK}/none`, undefined, 404],
    ['a sub-application', `/sub/users/${MARK}`, '/sub/users/:id', 200],
    [
      'a sub-application on a pattern',
      `/tenants/${MARK}/users/7`,
      '/tenants/:tenant/users/:id',
      200,
    ],
    ['a router of a sub-application', `/sub/${MARK}/users/7`, undefined, 200],
    ['a router on an expression', `/any-${MARK}/thing/users/7`, undefined, 200],
  ]

  test.each(ROWS)('%s', async (...row) => {
    const records = new Records()
    const app = express()
    // Errors are answered and not printed.
    app.set('env', 'test')
    const mountPaths = ['/api', '/api/in/:room', '/listed/:tenant']
    app.use(expressLog({ logger: pino({ base: null }, records), mountPaths }))
    app.use(truehopExpress({ hops: [] }))
    routes(app)
    const server = app.listen(0, '127.0.0.1')
    open.push(server)
    await once(server, 'listening')
    await expectRoute(records, server, row)
  })
})
