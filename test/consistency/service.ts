import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { trace } from '@opentelemetry/api'
import { allowlist as forExpressAllowlist } from '@truehop/allowlist/express'
import { allowlist as forFastifyAllowlist } from '@truehop/allowlist/fastify'
import { truehop as forExpress } from '@truehop/express'
import { truehop as forFastify } from '@truehop/fastify'
import type { PolicyOptions } from '@truehop/identity'
import { accessLog as forExpressLog } from '@truehop/log/express'
import { accessLog as forFastifyLog } from '@truehop/log/fastify'
import type { DecisionMessage } from '@truehop/rate-limit'
import { rateLimit as forExpressLimit } from '@truehop/rate-limit/express'
import { rateLimit as forFastifyLimit } from '@truehop/rate-limit/fastify'
import express from 'express'
import { fastify } from 'fastify'
import { pino } from 'pino'
import { close, type Framework, portOf } from '../edges/app.js'
import type { Sightings } from './sightings.js'

/** Puts a span around every request of a server. */
export type Instrument = (server: Server, sightings: Sightings) => void

export interface Service {
  readonly port: number
  stop(): Promise<void>
}

interface Setting {
  readonly policy: PolicyOptions
  readonly sightings: Sightings
  readonly instrument: Instrument
}

/** An allowlist that lets everybody through, so that the limiter sees them too. */
const LISTS = { deny: ['198.51.100.0/24', '2001:db8::/32'], mode: 'report' } as const
/** As wide as an address: the key is the address. */
const LIMIT = { limit: 1_000_000, window: 3600, ipv6Prefix: 128 } as const
const LOG = { span: () => trace.getActiveSpan() }

/** An application where everybody asks for the client, undetermined ones included. */
export async function startService(framework: Framework, setting: Setting): Promise<Service> {
  const { sightings } = setting
  const noteFor = (consumer: 'allowlist' | 'limiter') => (message: unknown) => {
    const { decision, request } = message as DecisionMessage
    sightings.note((request as IncomingMessage).url ?? '', consumer, decision.client)
  }
  const [listed, limited] = [noteFor('allowlist'), noteFor('limiter')]
  const { port, stop } = await (framework === 'fastify' ? onFastify : onExpress)(setting)
  subscribe('truehop.allowlist.decision', listed)
  subscribe('truehop.rate_limit.decision', limited)
  return {
    port,
    async stop() {
      unsubscribe('truehop.allowlist.decision', listed)
      unsubscribe('truehop.rate_limit.decision', limited)
      await stop()
    },
  }
}

async function onFastify({ policy, sightings, instrument }: Setting): Promise<Service> {
  const app = fastify({ logger: { stream: sightings.logStream } })
  await app.register(forFastify, { ...policy, onUndetermined: 'continue' })
  await app.register(forFastifyLog, LOG)
  await app.register(forFastifyAllowlist, LISTS)
  await app.register(forFastifyLimit, LIMIT)
  app.get('/*', async ({ url, ip, clientIp }) => {
    sightings.note(url, 'ip', ip)
    sightings.note(url, 'clientIp', clientIp)
    return ''
  })
  await app.ready()
  instrument(app.server, sightings)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: portOf(app.server), stop: () => app.close() }
}

async function onExpress({ policy, sightings, instrument }: Setting): Promise<Service> {
  const app = express()
  const identity = forExpress({ ...policy, onUndetermined: 'continue' })
  app.use(forExpressLog({ ...LOG, logger: pino({}, sightings.logStream) }), identity)
  app.use(forExpressAllowlist(LISTS))
  app.use(forExpressLimit(LIMIT))
  app.get('/*path', ({ url, ip, clientIp }, response) => {
    sightings.note(url, 'ip', ip)
    sightings.note(url, 'clientIp', clientIp)
    response.send('')
  })
  const server = createServer(app)
  identity.attach(server)
  instrument(server, sightings)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: portOf(server), stop: () => close(server) }
}
