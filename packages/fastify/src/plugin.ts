import type { Server } from 'node:net'
import {
  compareAnswers,
  type EdgeOptions,
  edgeSettings,
  identityOf,
  logPolicy,
  POLICY,
  sendProblem,
  UNDETERMINED_PROBLEM,
  undeterminedFields,
} from '@truehop/identity/adapter'
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  RegisterOptions,
} from 'fastify'
import { fastifyPlugin } from 'fastify-plugin'
import { TruehopFastifyError } from './error.js'
import { coverFrameworkErrors } from './framework-errors.js'
import { ListeningServers, type ProxyProtocolCounts } from './listening-servers.js'
import { decorateRequests } from './request.js'
import { ownOptions, warnInChild } from './scope.js'
import { restoreMethods } from './unknown-methods.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** One for each address the server listens on; empty without a `proxy-protocol` hop. */
    readonly proxyProtocol: readonly ProxyProtocolCounts[]
  }
}

/**
 * A policy, or the options of one, and `onUndetermined`; Fastify's own options may be given too.
 */
export type TruehopOptions = EdgeOptions & RegisterOptions

/**
 * Gives every request of the instance its one client identity: `request.clientIp`, `request.ip`
 * and the log lines say the same everywhere.
 *
 * Register it once, on the outermost instance and before anything that asks for the identity in
 * hooks: Fastify runs hooks in the order of registration. A policy with a `proxy-protocol` hop
 * makes the server expect PROXY headers on every address it listens on; refused connections are
 * counted in `fastify.proxyProtocol` and logged at level `warn`, a few a minute for each reason.
 *
 * With `compareWith: 'trust proxy'` Fastify's own `trustProxy` stays in force for `request.ip`,
 * and every request for which the policy names another client is reported.
 *
 * @throws {PolicyError} for options that are not exactly a policy.
 * @throws {TruehopFastifyError} if Fastify's own `trustProxy` is set otherwise, or for a second
 * registration.
 */
export const truehop: FastifyPluginAsync<TruehopOptions> = fastifyPlugin(
  async (fastify: FastifyInstance, options: TruehopOptions) => {
    const settings = edgeSettings(ownOptions(options))
    const { policy, onUndetermined, compares, onDifference } = settings
    checkInstance(fastify, compares)
    logPolicy(policy, (message) => fastify.log.warn(message))
    warnInChild(fastify)
    decorateRequests(fastify, policy, compares)
    coverFrameworkErrors(fastify, policy, compares)
    restoreMethods(fastify)
    const servers = await ListeningServers.of(fastify, policy)
    fastify.decorate('proxyProtocol', { getter: () => servers.counts })
    fastify.addHook('onListen', async () => closeIfOpen(fastify, servers))
    if (compares) {
      fastify.addHook('onRequest', (request, _reply, next) => {
        compareAnswers(request, request, onDifference)
        next()
      })
    }
    if (onUndetermined === 'reject') fastify.addHook('onRequest', rejectUndetermined)
  },
  { fastify: '5.x', name: '@truehop/fastify' },
)

export default truehop

const registered = new WeakSet<Server>()

function checkInstance(fastify: FastifyInstance, compares: boolean): void {
  if (registered.has(fastify.server) || fastify.hasRequestDecorator(POLICY)) {
    throw new TruehopFastifyError(
      'already-registered',
      'truehop is already registered on this server, and two policies could disagree: register it once, on the outermost instance, with all hops in one policy',
    )
  }
  // Only `trustProxy` gives requests this property.
  if (!compares && fastify.hasRequestDecorator('ips')) {
    throw new TruehopFastifyError(
      'trust-proxy-set',
      "Fastify's own trustProxy is set, which also decides request.ip, by different rules: leave trustProxy out and name the proxies in the policy, or write compareWith: 'trust proxy' to compare the two first",
    )
  }
  registered.add(fastify.server)
}

function rejectUndetermined(request: FastifyRequest, reply: FastifyReply, next: () => void): void {
  const identity = identityOf(request)
  if (identity.status === 'resolved') {
    next()
    return
  }
  request.log.info(undeterminedFields(request.raw, identity), 'client undetermined')
  sendProblem(reply, UNDETERMINED_PROBLEM)
}

/** If Fastify ever opens servers in a way that goes unnoticed, none of them stays open. */
async function closeIfOpen(fastify: FastifyInstance, servers: ListeningServers): Promise<void> {
  const { uncovered } = servers
  if (uncovered === 0) return
  const error = new TruehopFastifyError(
    'server-not-covered',
    `${uncovered} of the addresses this server listens on would take connections without a PROXY header, so it is closed: listen on one address ('0.0.0.0', '::', '127.0.0.1') instead of 'localhost'`,
  )
  fastify.log.fatal({ err: error }, error.message)
  await fastify.close()
}
