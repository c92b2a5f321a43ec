import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import truehopExpress from '@truehop/express'
import truehopFastify from '@truehop/fastify'
import express, { type Express, type RequestHandler } from 'express'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach } from 'vitest'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Asked {
  /** Who the client is, in `X-Forwarded-For` of a trusted hop. Default 198.51.100.7. */
  readonly as?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A service on a port of 127.0.0.1, and requests to it over real connections. */
export interface Site {
  readonly port: number
  ask(asked?: Asked): Promise<Answer>
  /** The statuses of so many requests, one after the other. */
  statuses(count: number, asked?: Asked): Promise<number[]>
}

const TRUST = { trust: ['127.0.0.1'], header: 'x-forwarded-for' }
const stopping: (() => Promise<void>)[] = []

/** Call it once in a suite: ends what its tests have started. */
export function stopAfterEach(): void {
  afterEach(async () => {
    for (const stop of stopping.splice(0).reverse()) await stop()
  })
}

export function stopLater(stop: () => Promise<void>): void {
  stopping.push(stop)
}

/** Fastify with truehop and what `build` adds; routes answer 'ok'. */
export async function fastifySite(
  build: (app: FastifyInstance) => unknown,
  truehop: object = TRUST,
): Promise<Site> {
  const app = fastify()
  await app.register(truehopFastify, truehop as typeof TRUST)
  await build(app)
  app.all('/*', async () => 'ok')
  await app.listen({ host: '127.0.0.1', port: 0 })
  stopLater(() => app.close())
  return siteOf(app.server)
}

/** The same in Express. */
export async function expressSite(
  build: (app: Express) => RequestHandler | undefined,
  truehop: object = TRUST,
): Promise<Site> {
  const app = express()
  app.set('env', 'test')
  const identity = truehopExpress(truehop as typeof TRUST)
  app.use(identity)
  const handler = build(app)
  if (handler !== undefined) app.use(handler)
  app.use((_request, response) => void response.send('ok'))
  const server = identity.attach(createServer(app))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stopLater(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  return siteOf(server)
}

function siteOf(server: Server): Site {
  const { port } = server.address() as AddressInfo
  const ask = (asked: Asked = {}) => askAt(port, asked)
  const statuses = async (count: number, asked: Asked = {}) => {
    const seen: number[] = []
    for (let i = 0; i < count; i++) seen.push((await ask(asked)).status)
    return seen
  }
  return { port, ask, statuses }
}

export function askAt(
  port: number,
  { as = '198.51.100.7', path = '/', headers }: Asked,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const own = { 'x-forwarded-for': as, ...headers }
    const asked = request(
      { host: '127.0.0.1', port, path, agent: false, headers: own },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
        })
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}
