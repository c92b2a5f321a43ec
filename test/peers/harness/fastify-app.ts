import type { AddressInfo } from 'node:net'
import { allowlist } from '@truehop/allowlist/fastify'
import { truehop } from '@truehop/fastify'
import { accessLog } from '@truehop/log/fastify'
import { rateLimit } from '@truehop/rate-limit/fastify'
import { fastify } from 'fastify'
import { DENIED, type EdgeOptions, LIMIT } from './app.js'
import { certificate } from './certificate.js'
import type { Service } from './service.js'

export async function startFastify(options: EdgeOptions): Promise<Service & { port: number }> {
  const { policy, seen } = options
  const app = fastify({
    logger: { stream: seen.logStream },
    https: options.scheme === 'https' ? certificate() : null,
  })
  await app.register(truehop, policy)
  await app.register(accessLog, {})
  await app.register(allowlist, { deny: [DENIED] })
  await app.register(rateLimit, {
    limit: LIMIT,
    window: 60,
    onRefused: (decision) => seen.refused(decision.client),
  })
  app.get('/', async ({ clientIp, ip, clientIdentity }) => ({
    clientIp,
    ip,
    identity: clientIdentity,
  }))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return { port, stop: () => app.close() }
}
