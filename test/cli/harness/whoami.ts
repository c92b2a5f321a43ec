import { createServer, type Server } from 'node:http'
import { truehop as expressTruehop } from '@truehop/express'
import { truehop as fastifyTruehop } from '@truehop/fastify'
import type { PolicyOptions } from '@truehop/identity'
import express from 'express'
import { fastify } from 'fastify'
import type { Certificate } from '../../peers/harness/certificate.js'
import type { Service } from '../../peers/harness/service.js'

/** A server that names the client at `/whoami`, and nothing else. */
export interface Whoami extends Service {
  readonly port: number
}

export async function startFastify(policy: PolicyOptions, tls?: Certificate): Promise<Whoami> {
  const https = tls === undefined ? null : { cert: tls.cert, key: tls.key }
  const app = fastify({ https })
  await app.register(fastifyTruehop, policy)
  app.get('/whoami', (request) => ({ client: request.clientIp }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  return { port: portOf(address), stop: () => app.close() }
}

export async function startExpress(policy: PolicyOptions): Promise<Whoami> {
  const app = express()
  const identity = expressTruehop({ ...policy, logger: { warn() {} } })
  app.use(identity)
  app.get('/whoami', (request, response) => {
    response.json({ client: request.clientIp })
  })
  return started(identity.attach(app.listen(0, '127.0.0.1')))
}

/** Of Node alone: who connects is the client. */
export async function startPlain(): Promise<Whoami> {
  const server = createServer((request, response) => {
    response.end(JSON.stringify({ client: request.socket.remoteAddress }))
  })
  return started(server.listen(0, '127.0.0.1'))
}

async function started(server: Server): Promise<Whoami> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: portOf(server.address()),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const portOf = (address: ReturnType<Server['address']>): number =>
  typeof address === 'object' && address !== null ? address.port : 0
