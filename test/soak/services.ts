import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { allowlist as expressAllowlist } from '@truehop/allowlist/express'
import { allowlist as fastifyAllowlist } from '@truehop/allowlist/fastify'
import { truehop as expressTruehop } from '@truehop/express'
import { truehop as fastifyTruehop } from '@truehop/fastify'
import type { LiveRanges, Policy } from '@truehop/identity'
import type { RedisClient } from '@truehop/rate-limit'
import { rateLimit as expressRateLimit } from '@truehop/rate-limit/express'
import { rateLimit as fastifyRateLimit } from '@truehop/rate-limit/fastify'
import express from 'express'
import { fastify } from 'fastify'
import { TLS } from './connection.js'

/** What the route answers: who asked, and which bytes arrived. */
export interface Seen {
  readonly ip: string
  readonly frameworkIp: string
  readonly length: number
  readonly sha256: string
}

export interface Service {
  readonly port: number
  readonly secure: boolean
  stop(): Promise<void>
}

export interface Parts {
  readonly policy: Policy
  readonly denied: LiveRanges
  readonly store: RedisClient | 'memory'
}

const QUIET = { warn: () => {} }
const LIMIT = 1_000_000_000

const limits = ({ store }: Parts, name: string) => ({ limit: LIMIT, window: 60, store, name })

const seen = (ip: string, frameworkIp: string, body: unknown): Seen => {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array(0)
  return { ip, frameworkIp, length: bytes.length, sha256: sha256(bytes) }
}

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex')

/** Both frameworks, in clear and over TLS, with one policy, list and store for all of them. */
export async function startServices(parts: Parts): Promise<readonly Service[]> {
  return Promise.all([
    startFastify(parts, false),
    startFastify(parts, true),
    startExpress(parts, false),
    startExpress(parts, true),
  ])
}

async function startFastify(parts: Parts, secure: boolean): Promise<Service> {
  const app = fastify({ https: secure ? TLS : null, bodyLimit: 2 ** 22 })
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  await app.register(fastifyTruehop, { policy: parts.policy })
  await app.register(fastifyAllowlist, { deny: [parts.denied] })
  await app.register(fastifyRateLimit, limits(parts, 'fastify'))
  app.post('/', async ({ clientIp, ip, body }) => seen(clientIp, ip, body))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: portOf(app.server), secure, stop: () => app.close() }
}

async function startExpress(parts: Parts, secure: boolean): Promise<Service> {
  const app = express()
  // Express prints every request that was broken off, unless this says that it is under test.
  app.set('env', 'test')
  const identity = expressTruehop({ policy: parts.policy, logger: QUIET })
  app.use(identity)
  app.use(expressAllowlist({ deny: [parts.denied] }))
  app.use(expressRateLimit(limits(parts, 'express')))
  app.use(express.raw({ type: '*/*', limit: 2 ** 22 }))
  app.post('/', ({ clientIp, ip, body }, response) => {
    response.json(seen(clientIp, ip ?? '', body))
  })
  const server = secure ? createHttps(TLS, app) : createServer(app)
  identity.attach(server).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server),
    secure,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

export function portOf(server: { address(): unknown }): number {
  const address = server.address()
  if (typeof address === 'object' && address !== null && 'port' in address) {
    return Number(address.port)
  }
  throw new Error('the server does not listen')
}
