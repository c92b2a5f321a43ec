import { type ClientIdentity, identityOf, POLICY, type Policy } from '@truehop/identity/adapter'
import type { FastifyInstance, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** The client's address, RFC 5952 text; `'unknown'` where it is undetermined. As `ip`. */
    readonly clientIp: string
    /** The client identity: what `identityOf(request)` gives, the same object for everyone. */
    readonly clientIdentity: ClientIdentity
  }
}

/**
 * Puts the policy and the identity on the instance's requests. Getters on their prototype, so
 * that routes and children registered before have them too, as has the log line that Fastify
 * writes before the first hook, and requests of `inject`, which come over no connection.
 */
export function decorateRequests(fastify: FastifyInstance, policy: Policy): void {
  fastify.decorateRequest(POLICY, { getter: () => policy })
  fastify.decorateRequest('clientIdentity', { getter: clientIdentity })
  fastify.decorateRequest('clientIp', { getter: clientIp })
}

/** Makes Fastify's own properties say the same; `hostname` and `port` follow from `host`. */
export function replaceOwnAnswers(fastify: FastifyInstance): void {
  fastify.decorateRequest('ip', { getter: clientIp })
  fastify.decorateRequest('protocol', { getter: protocol })
  fastify.decorateRequest('host', { getter: host })
}

function protocol(this: FastifyRequest): 'http' | 'https' {
  return identityOf(this).protocol ?? 'http'
}

/** A Host header that is no host is for the application to judge, as without this plugin. */
function host(this: FastifyRequest): string {
  const { headers } = this.raw
  return identityOf(this).host ?? headers.host ?? String(headers[':authority'] ?? '')
}

function clientIdentity(this: FastifyRequest): ClientIdentity {
  return identityOf(this)
}

function clientIp(this: FastifyRequest): string {
  const identity = identityOf(this)
  return identity.status === 'resolved' ? identity.ip : 'unknown'
}
