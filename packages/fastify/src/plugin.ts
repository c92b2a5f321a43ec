import type { Server } from 'node:net'
import {
  compareAnswers,
  type EdgeOptions,
  edgeSettings,
  identityOf,
  POLICY,
  UNDETERMINED_PROBLEM,
} from '@truehop/identity/adapter'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { actsOnItsScope } from './acts-on-its-scope.js'
import { ListeningServers, type ProxyProtocolCounts } from './listening-servers.js'
import { PluginError } from './plugin-error.js'
import { decorateRequests, replaceOwnAnswers } from './request.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** One for each address the server listens on; empty without a `proxy-protocol` hop. */
    readonly proxyProtocol: readonly ProxyProtocolCounts[]
  }
}

/** A policy, or the options of one, and `onUndetermined`. */
export type TruehopOptions = EdgeOptions

/**
 * Gives every request of the instance its one client identity: `request.clientIp`, `request.ip`
 * and the log lines say the same everywhere.
 *
 * Register it once, on the outermost instance and before what asks for the identity in hooks:
 * Fastify runs hooks in the order of registration. A policy with a `proxy-protocol` hop makes the
 * server expect PROXY headers on every address it listens on; refused connections are counted in
 * `fastify.proxyProtocol` and logged at level `warn`, a few a minute for each reason.
 *
 * With `compareWith: 'trust proxy'` Fastify's own `trustProxy` stays in force for `request.ip`,
 * and every request for which the policy names another client is reported.
 *
 * @throws {PolicyError} for options that are not exactly a policy.
 * @throws {PluginError} where Fastify's own `trustProxy` is set otherwise, or for a second
 * registration.
 */
export const truehop: FastifyPluginAsync<TruehopOptions> = Object.assign(
  async (fastify: FastifyInstance, options: TruehopOptions) => {
    const { policy, onUndetermined, compares, onDifference } = edgeSettings(options)
    checkInstance(fastify, compares)
    for (const warning of policy.current.warnings) fastify.log.warn(warning)
    decorateRequests(fastify, policy)
    if (!compares) replaceOwnAnswers(fastify)
    const servers = await ListeningServers.of(fastify, policy)
    fastify.decorate('proxyProtocol', { getter: () => servers.counts })
    fastify.addHook('onListen', async () => closeIfOpen(fastify, servers))
    if (compares) {
      fastify.addHook('onRequest', (request, _reply, next) => {
        compareAnswers(request, request.ip, onDifference)
        next()
      })
    }
    if (onUndetermined === 'reject') fastify.addHook('onRequest', rejectUndetermined)
  },
  actsOnItsScope('@truehop/fastify'),
)

export default truehop

const registered = new WeakSet<Server>()

function checkInstance(fastify: FastifyInstance, compares: boolean): void {
  // Only `trustProxy` gives requests this property.
  if (!compares && fastify.hasRequestDecorator('ips')) {
    throw new PluginError(
      'trust-proxy-set',
      "Fastify's own trustProxy is set, which decides request.ip a second time and by other rules: leave trustProxy out and name the proxies in the policy, or write compareWith: 'trust proxy' to compare the two first",
    )
  }
  if (registered.has(fastify.server) || fastify.hasRequestDecorator(POLICY)) {
    throw new PluginError(
      'already-registered',
      'truehop is registered on this server already, and two policies would be two answers: register it once, on the outermost instance, with all hops in one policy',
    )
  }
  registered.add(fastify.server)
}

/** As bytes: to text Fastify would add a charset, which this media type does not have. */
const PROBLEM_BODY = Buffer.from(UNDETERMINED_PROBLEM.body)

function rejectUndetermined(request: FastifyRequest, reply: FastifyReply, next: () => void): void {
  const identity = identityOf(request)
  if (identity.status === 'resolved') {
    next()
    return
  }
  const { reason, source, rule, lastTrustedHop, peer } = identity
  request.log.info({ reason, source, rule, lastTrustedHop, peer }, 'client undetermined')
  const { status, contentType, cacheControl } = UNDETERMINED_PROBLEM
  reply.code(status).header('cache-control', cacheControl).type(contentType).send(PROBLEM_BODY)
}

/** Should Fastify ever open servers in a way that went unnoticed, none of them stays open. */
async function closeIfOpen(fastify: FastifyInstance, servers: ListeningServers): Promise<void> {
  const { uncovered } = servers
  if (uncovered === 0) return
  const error = new PluginError(
    'server-not-covered',
    `${uncovered} of the addresses this server listens on would take connections without a PROXY header, so it is closed: listen on one address ('0.0.0.0', '::', '127.0.0.1') instead of 'localhost'`,
  )
  fastify.log.fatal({ err: error }, error.message)
  await fastify.close()
}
