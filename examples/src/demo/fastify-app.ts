import type { AddressInfo } from 'node:net'
import { allowlist } from '@truehop/allowlist/fastify'
import { truehop } from '@truehop/fastify'
import { inspector } from '@truehop/inspector/fastify'
import { accessLog, accessLogController } from '@truehop/log/fastify'
import { rateLimit } from '@truehop/rate-limit/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { ALLOW, type AppOptions, answerText, explainRequest, INSPECTOR, LIMIT } from './app.js'
import { type Door, Listening } from './listening.js'

/** The Fastify application, once for each address. */
export async function startFastify(options: AppOptions): Promise<Listening> {
  const opened = await Promise.all(options.listenAt.map((address) => open(options, address)))
  return new Listening(
    opened.map(({ door }) => door),
    async () => {
      await Promise.all(opened.map(({ app }) => app.close()))
    },
  )
}

async function open(
  options: AppOptions,
  address: string,
): Promise<{ app: FastifyInstance; door: Door }> {
  const app = await build(options)
  await app.listen({ host: address, port: 0 })
  const { port } = app.server.address() as AddressInfo
  return { app, door: { address, port } }
}

async function build({ policy, sightings }: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    logger: { stream: sightings },
    logController: accessLogController(),
    forceCloseConnections: true,
  })
  await app.register(truehop, { policy })
  await app.register(accessLog)
  await app.register(inspector, INSPECTOR)
  await app.register(allowlist, { allow: ALLOW })
  await app.register(rateLimit, LIMIT)
  app.addHook('onResponse', async ({ url, raw, clientIdentity }) => {
    sightings.answered(url, clientIdentity, explainRequest(policy, raw))
  })
  app.get('/*', (request) => answerText(request.clientIp, explainRequest(policy, request.raw)))
  return app
}
