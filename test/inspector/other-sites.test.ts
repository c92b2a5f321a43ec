import { once } from 'node:events'
import { request } from 'node:http'
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
      for (const path of [
        '',
        'snapshot.json',
        'decisions.csv',
        'actions',
        'events',
        'ticket',
        'nothing',
      ]) {
        const response = await fetch(`${service.url}/_truehop/${path}`)
        expect([path, response.headers.get(READABLE)]).toEqual([path, null])
        await response.body?.cancel()
      }
    })

    /** The status, as soon as it is there: a stream has no end. */
    async function statusOf(
      path: string,
      headers: Record<string, string>,
      method = 'GET',
    ): Promise<number> {
      const asked = request(`${service.url}/_truehop/${path}`, { method, headers, agent: false })
      asked.end(method === 'POST' ? '{}' : undefined)
      const [response] = await once(asked, 'response')
      asked.destroy()
      return response.statusCode
    }

    // What browsers send (Fetch Metadata Request Headers, sections 2.1 to 2.3; Fetch standard, Origin).
    const CROSS = { 'sec-fetch-site': 'cross-site' }
    const ELSEWHERE: readonly (readonly [string, Record<string, string>])[] = [
      ['a script', { ...CROSS, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
      ['an image', { ...CROSS, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
      ['a frame', { ...CROSS, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
      ['a neighbour', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
      ['two words', { 'sec-fetch-site': 'same-origin, cross-site' }],
      ['a script over plain HTTP', { origin: 'http://elsewhere.example' }],
      ['a sandboxed frame over plain HTTP', { origin: 'null' }],
    ]
    const PATHS = [
      '',
      'events',
      'ticket',
      'snapshot.json',
      'decisions.csv',
      'actions',
      'inspector.js',
    ]

    test.each(ELSEWHERE)('does nothing for another site: %s', async (_what, headers) => {
      for (const path of PATHS) {
        expect([path, await statusOf(path, headers)]).toEqual([path, 403])
      }
      expect(await statusOf('explain', headers, 'POST')).toBe(403)
    })

    test('is led to by a link, but no window takes a place among the open pages', async () => {
      const link = { ...CROSS, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
      const typed = { ...link, 'sec-fetch-site': 'none' }
      for (const headers of [link, typed]) {
        expect(await statusOf('', headers)).toBe(200)
        expect(await statusOf('snapshot.json', headers)).toBe(200)
        expect(await statusOf('events', headers)).toBe(403)
      }
    })

    test('streams to its own page, which has the ticket where browsers do not say who asks', async () => {
      const { ticket } = (await (await fetch(`${service.url}/_truehop/ticket`)).json()) as {
        ticket: string
      }
      expect(await statusOf('events', { 'sec-fetch-site': 'same-origin' })).toBe(200)
      expect(await statusOf(`events?ticket=${ticket}`, {})).toBe(200)
      // As for <img> and fetch() in the mode no-cors: no Origin, and nothing that says where from.
      for (const query of ['', '?ticket=', `?ticket=${'x'.repeat(32)}`]) {
        expect([query, await statusOf(`events${query}`, {})]).toEqual([query, 403])
      }
      expect(await statusOf(`events?ticket=${ticket}`, { ...CROSS })).toBe(403)
    })

    test('answers its form over plain HTTP, behind whatever port', async () => {
      const { host, hostname } = new URL(service.url)
      for (const origin of [`http://${host}`, `http://${hostname}:8080`]) {
        expect(await statusOf('explain', { origin }, 'POST')).toBe(200)
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
