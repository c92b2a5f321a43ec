import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { allowlist } from '@truehop/allowlist/express'
import { truehop } from '@truehop/express'
import { accessLog } from '@truehop/log/express'
import { rateLimit } from '@truehop/rate-limit/express'
import express from 'express'
import { pino } from 'pino'
import { DENIED, type EdgeOptions, LIMIT } from './app.js'
import { certificate } from './certificate.js'
import type { Service } from './service.js'

export async function startExpress(options: EdgeOptions): Promise<Service & { port: number }> {
  const { policy, seen } = options
  const app = express()
  const identity = truehop(policy)
  app.use(accessLog({ logger: pino({}, seen.logStream) }))
  app.use(identity)
  app.use(
    allowlist({ deny: [DENIED] }),
    rateLimit({
      limit: LIMIT,
      window: 60,
      onRefused: (decision) => seen.refused(decision.client),
    }),
  )
  app.get('/', ({ clientIp, ip, clientIdentity }, response) => {
    response.json({ clientIp, ip, identity: clientIdentity })
  })
  const server =
    options.scheme === 'https' ? https.createServer(certificate(), app) : http.createServer(app)
  identity.attach(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, stop: () => close(server) }
}

async function close(server: http.Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
