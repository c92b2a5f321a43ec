import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import truehopExpress from '@truehop/express'
import truehopFastify from '@truehop/fastify'
import type { PolicyOptions } from '@truehop/identity'
import express from 'express'
import fastify from 'fastify'
import type { Service } from '../../peers/harness/service.js'

/** What an application takes for the request as the client made it. */
export interface Answered {
  readonly client: string
  readonly protocol: string
  readonly host: string | undefined
  readonly hostname: string | undefined
  readonly identity: { readonly protocol: string | undefined; readonly host: string | undefined }
}

export interface AnsweringApp extends Service {
  /** A port on 127.0.0.1; 0 where it listens on a path. */
  readonly port: number
}

export const FRAMEWORKS = { Fastify: startFastify, Express: startExpress } as const

async function startFastify(policy: PolicyOptions, path?: string): Promise<AnsweringApp> {
  const app = fastify()
  await app.register(truehopFastify, policy)
  app.get('/', ({ clientIp: client, clientIdentity, protocol, host, hostname }) => {
    return { client, protocol, host, hostname, identity: partsOf(clientIdentity) }
  })
  await app.listen(path === undefined ? { host: '127.0.0.1', port: 0 } : { path })
  return { port: portOf(app.server), stop: () => app.close() }
}

async function startExpress(policy: PolicyOptions, path?: string): Promise<AnsweringApp> {
  const app = express()
  const identity = truehopExpress(policy)
  app.use(identity)
  app.get('/', (request, response) => {
    const { clientIp: client, clientIdentity, protocol, host, hostname } = request
    response.json({ client, protocol, host, hostname, identity: partsOf(clientIdentity) })
  })
  const server = identity.attach(createServer(app))
  if (path === undefined) server.listen(0, '127.0.0.1')
  else server.listen(path)
  await once(server, 'listening')
  return { port: portOf(server), stop: () => close(server) }
}

function partsOf({ protocol, host }: Answered['identity']): Answered['identity'] {
  return { protocol, host }
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
