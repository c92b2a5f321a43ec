import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { truehop as expressIdentity } from '@truehop/express'
import { truehop as fastifyIdentity } from '@truehop/fastify'
import { definePolicy, type Policy, type PolicyOptions } from '@truehop/identity'
import type { InspectorOptions } from '@truehop/inspector'
import { inspector as expressInspector } from '@truehop/inspector/express'
import { inspector as fastifyInspector } from '@truehop/inspector/fastify'
import { rateLimit as expressLimit } from '@truehop/rate-limit/express'
import { rateLimit as fastifyLimit } from '@truehop/rate-limit/fastify'
import express from 'express'
import { fastify } from 'fastify'

/** A service with an inspector under `/_truehop`. */
export interface Service {
  readonly url: string
  readonly policy: Policy
  stop(): Promise<void>
}

export type Framework = 'fastify' | 'express'

/** A proxy on this machine may speak for others, and a CDN behind it. */
export const POLICY: PolicyOptions = {
  hops: [
    {
      name: 'local proxy',
      from: ['127.0.0.1', '10.0.0.0/8'],
      asserts: 'x-forwarded-for',
      original: ['proto', 'host', 'port'],
    },
    { name: 'cdn', from: ['173.245.48.0/20', '2400:cb00::/32'], asserts: 'cf-connecting-ip' },
  ],
}

/** Requests of one client in a minute, on `/limited`. */
export const LIMIT = 5

export function startService(
  framework: Framework,
  options: InspectorOptions,
  port = 0,
): Promise<Service> {
  return framework === 'fastify' ? startFastify(options, port) : startExpress(options, port)
}

async function startFastify(options: InspectorOptions, wanted: number): Promise<Service> {
  const policy = definePolicy(POLICY)
  const app = fastify()
  await app.register(fastifyIdentity, { policy })
  await app.register(fastifyInspector, { prefix: '/_truehop', ...options })
  await app.register(async (scope) => {
    await scope.register(fastifyLimit, { limit: LIMIT, window: 60 })
    scope.get('/limited', async () => 'limited')
  })
  app.get('/*', async (request) => request.clientIp)
  const url = await app.listen({ host: '127.0.0.1', port: wanted })
  return { url, policy, stop: () => app.close() }
}

async function startExpress(options: InspectorOptions, wanted: number): Promise<Service> {
  const policy = definePolicy(POLICY)
  const app = express()
  const identity = expressIdentity({ policy })
  const page = expressInspector(options)
  app.use(identity)
  app.use('/_truehop', page)
  app.get('/limited', expressLimit({ limit: LIMIT, window: 60 }), (_request, response) => {
    response.send('limited')
  })
  app.use((request, response) => {
    response.send(request.clientIp)
  })
  const server = identity.attach(app.listen(wanted, '127.0.0.1'))
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    page.close()
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${port}`, policy, stop }
}
