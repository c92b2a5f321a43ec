import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { truehop as expressIdentity } from '@truehop/express'
import { truehop as fastifyIdentity } from '@truehop/fastify'
import { inspector as expressInspector } from '@truehop/inspector/express'
import { inspector as fastifyInspector } from '@truehop/inspector/fastify'
import express from 'express'
import { fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** What an application says that lets every site read its answers (Fetch standard, CORS protocol). */
const READABLE = 'access-control-allow-origin'
const POLICY = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }
const OPTIONS = { allow: ['loopback'], actions: { limits: {} } }
/** Of the body of a form. */
const MAX_BODY = 65_536

interface Service {
  readonly url: string
  stop(): Promise<unknown>
}

async function startFastify(): Promise<Service> {
  const app = fastify()
  app.addHook('onRequest', async (_request, reply) => void reply.header(READABLE, '*'))
  app.addHook('onSend', async (_request, reply) => void reply.header(READABLE, '*'))
  await app.register(fastifyIdentity, POLICY)
  await app.register(fastifyInspector, { prefix: '/_truehop', ...OPTIONS })
  app.get('/', async () => 'fine')
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), stop: () => app.close() }
}

async function startExpress(): Promise<Service> {
  const app = express()
  const page = expressInspector(OPTIONS)
  app.use((_request, response, next) => {
    response.setHeader(READABLE, '*')
    next()
  })
  app.use(expressIdentity(POLICY))
  app.use(express.json({ limit: '1mb' }))
  app.use('/_truehop', page)
  app.get('/', (_request, response) => void response.send('fine'))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async (): Promise<void> => {
    page.close()
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}

describe.each([
  ['Fastify', startFastify],
  ['Express', startExpress],
] as const)(
  'the inspector in an application whose answers every site may read, on %s',
  (_, start) => {
    let service: Service

    beforeAll(async () => {
      service = await start()
    })

    afterAll(() => service.stop())

    test('is read by no other site', async () => {
      const own = await fetch(`${service.url}/`)
      expect(own.headers.get(READABLE)).toBe('*')
      for (const path of ['', 'snapshot.json', 'decisions.csv', 'actions', 'events', 'nothing']) {
        const response = await fetch(`${service.url}/_truehop/${path}`)
        expect([path, response.headers.get(READABLE)]).toEqual([path, null])
        await response.body?.cancel()
      }
    })

    test.each(['explain', 'actions'])(
      'answers a form of any depth and length: %s',
      async (path) => {
        const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
        for (const [body, expected] of [
          [nested(30_000), [200, 400, 413, 422]],
          [nested(200_000), [413]],
          [JSON.stringify({ headers: 'x'.repeat(MAX_BODY) }), [413]],
        ] as const) {
          const response = await fetch(`${service.url}/_truehop/${path}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
            body,
          })
          expect(expected).toContain(response.status)
        }
      },
    )
  },
)
