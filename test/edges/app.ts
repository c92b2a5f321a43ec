import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { type TruehopOptions as ExpressOptions, truehop as forExpress } from '@truehop/express'
import { truehop as forFastify, type TruehopOptions } from '@truehop/fastify'
import type { ClientIdentity } from '@truehop/identity'
import type { AcceptCounters } from '@truehop/proxy-protocol'
import express from 'express'
import { fastify } from 'fastify'
import { TLS } from './pem.js'

export const APPS = [
  ['fastify', 'http'],
  ['fastify', 'https'],
  ['express', 'http'],
  ['express', 'https'],
] as const

export type Framework = (typeof APPS)[number][0]
export type Scheme = (typeof APPS)[number][1]

/** What the applications answer to `POST /`. */
export interface Answer {
  readonly body: string
  readonly ip: string
  readonly clientIp: string
  readonly identity: ClientIdentity
}

/** An application of one route that tells who is asking. */
export interface App {
  readonly port: number
  readonly secure: boolean
  /** Requests that reached the route. */
  readonly requests: () => number
  readonly counters: () => AcceptCounters
  /** The reasons in the log lines of refused connections. */
  readonly logged: readonly string[]
  stop(): Promise<void>
}

export async function startApp(
  framework: Framework,
  scheme: Scheme,
  options: TruehopOptions,
): Promise<App> {
  return framework === 'fastify' ? startFastify(scheme, options) : startExpress(scheme, options)
}

async function startFastify(scheme: Scheme, options: TruehopOptions): Promise<App> {
  const log = new Log()
  const app = fastify({ https: scheme === 'https' ? TLS : null, logger: { stream: log.stream } })
  let requests = 0
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  await app.register(forFastify, options)
  app.post('/', async ({ body, ip, clientIp, clientIdentity: identity }): Promise<Answer> => {
    requests++
    return { body: String(body ?? ''), ip, clientIp, identity }
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    port: portOf(app.server),
    secure: scheme === 'https',
    requests: () => requests,
    counters: () => first(app.proxyProtocol).counters,
    logged: log.reasons,
    stop: () => app.close(),
  }
}

async function startExpress(scheme: Scheme, options: ExpressOptions): Promise<App> {
  const log = new Log()
  const app = express()
  let requests = 0
  const identity = forExpress({ ...options, logger: log })
  app.use(identity, express.text({ type: '*/*' }))
  app.post('/', ({ body, ip, clientIp, clientIdentity }, response) => {
    requests++
    const text = typeof body === 'string' ? body : ''
    response.json({ body: text, ip, clientIp, identity: clientIdentity })
  })
  const server = scheme === 'https' ? createHttps(TLS, app) : createServer(app)
  // Node ends an idle connection after 5 s, which a slow machine spends between two questions.
  server.keepAliveTimeout = 60_000
  identity.attach(server).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server),
    secure: scheme === 'https',
    requests: () => requests,
    counters: () => first(identity.proxyProtocol).counters,
    logged: log.reasons,
    stop: () => close(server),
  }
}

/** Keeps the reasons of the refused connections that are logged. */
class Log {
  readonly reasons: string[] = []
  readonly stream = { write: (line: string): void => this.#keep(JSON.parse(line)) }

  warn(fields: object): void {
    this.#keep(fields)
  }

  #keep(fields: { readonly event?: unknown; readonly reason?: unknown }): void {
    if (fields.event === 'proxy_protocol.refused') this.reasons.push(String(fields.reason))
  }
}

export function portOf(server: NetServer): number {
  return (server.address() as AddressInfo).port
}

export async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

function first<T>(list: readonly T[]): T {
  const [item] = list
  if (item === undefined) throw new Error('the server expects no PROXY headers')
  return item
}
