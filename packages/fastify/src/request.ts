import { type ClientIdentity, identityOf, POLICY, type Policy } from '@truehop/identity/adapter'
import type { FastifyInstance, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** The client's address, RFC 5952 text; `'unknown'` if it is undetermined. The same as `ip`. */
    readonly clientIp: string
    /** The client identity: what `identityOf(request)` gives, the same object for everyone. */
    readonly clientIdentity: ClientIdentity
  }
}

type Answer = ClientIdentity | string | string[]

export type AnswerName = 'clientIdentity' | 'clientIp' | 'ip' | 'ips' | 'protocol' | 'host'

/** What each property of a request says; `hostname` and `port` follow from `host`. */
export const ANSWERS: { readonly [Name in AnswerName]: (request: FastifyRequest) => Answer } = {
  clientIdentity: identityOf,
  clientIp: clientIpOf,
  ip: clientIpOf,
  ips: ipsOf,
  protocol: (request) => identityOf(request).protocol ?? 'http',
  host: hostOf,
}

/** As in Fastify: from the socket peer to the client. */
function ipsOf(request: FastifyRequest): string[] {
  const { status, nodes } = identityOf(request)
  return status === 'resolved' ? nodes.toReversed() : []
}

/** Properties that Fastify itself does not have. */
export const OWN_ANSWERS = ['clientIdentity', 'clientIp'] as const

/** Fastify's own properties that are made to say the same. */
const REPLACED = ['ip', 'ips', 'protocol', 'host'] as const

/**
 * Puts the policy and the identity on the instance's requests. Getters on their prototype, so that
 * routes and children registered earlier have them too, and so do the log line that Fastify writes
 * before the first hook, and requests of `inject`, which have no connection.
 */
export function decorateRequests(
  fastify: FastifyInstance,
  policy: Policy,
  compares: boolean,
): void {
  fastify.decorateRequest(POLICY, { getter: () => policy })
  for (const name of compares ? OWN_ANSWERS : [...OWN_ANSWERS, ...REPLACED]) {
    const answer = ANSWERS[name]
    fastify.decorateRequest(name, {
      getter(this: FastifyRequest) {
        return answer(this)
      },
    })
  }
}

/** A Host header that is not a host is left to the application, as without this plugin. */
function hostOf(request: FastifyRequest): string {
  const { headers } = request.raw
  return identityOf(request).host ?? headers.host ?? String(headers[':authority'] ?? '')
}

function clientIpOf(request: FastifyRequest): string {
  const identity = identityOf(request)
  return identity.status === 'resolved' ? identity.ip : 'unknown'
}
