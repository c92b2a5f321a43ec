import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Server, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { TruehopError } from '@truehop/ip'
import { captureAnnounced, captureEvidence } from '@truehop/proxy-protocol/evidence'
import type { Policy } from '../policy/policy.js'
import type { ClientIdentity } from '../walk/identity.js'
import { conflictsOf, settle } from '../walk/ignored-claims.js'
import { walkAgain } from '../walk/last-walk.js'
import { identityFrom } from '../walk/outcome.js'
import { watchForCollapse } from './collapse.js'
import { announceReplacements, looksForConflicts, observe } from './observe.js'
import { connectionOf, evidenceOf, noteHeaderLimit, type RawRequest } from './read-evidence.js'

/** A request that `identityOf` understands: Node's, Express's, or one with `raw` like Fastify's. */
export type IdentifiableRequest = RawRequest | { readonly raw: RawRequest }

/**
 * The key under which a request, its prototype or its socket carries the policy in force. For
 * framework adapters whose requests have their own prototype: it reaches requests without a real
 * connection, before any hook has run.
 *
 * A registered symbol, like the next one, so that two copies of this package in one process agree
 * on one identity.
 */
export const POLICY: unique symbol = Symbol.for('truehop.policy/1')
const IDENTITY: unique symbol = Symbol.for('truehop.identity/1')

interface Bound {
  [POLICY]?: Policy
  [IDENTITY]?: ClientIdentity
}

/** The request was never bound to a policy: a plugin or middleware is missing. */
export class UnboundRequestError extends TruehopError {
  override readonly name = 'UnboundRequestError'
  readonly code = 'unbound-request'

  constructor() {
    super(
      'no policy is in force for this request: register @truehop/fastify, put app.use(truehop(...)) of @truehop/express before anything that reads the identity, or call bindServer(server, policy) on a plain Node server [unbound-request]',
    )
  }
}

/**
 * The client identity of a request: the same object for everyone who asks, resolved on first use.
 *
 * Accepts Node's HTTP/1 and HTTP/2 requests, upgrade requests, and those of Express and Fastify.
 *
 * @throws {UnboundRequestError} if no policy was put in force for the request. Never throws on what
 * a client sent: then the identity is `undetermined`.
 */
export function identityOf(request: IdentifiableRequest): ClientIdentity {
  const raw = rawOf(request)
  const known = (raw as Bound)[IDENTITY]
  if (known !== undefined) return known
  const policy = policyOf(request)
  if (policy === undefined) throw new UnboundRequestError()
  return identify(raw, policy)
}

/** The policy in force for a request; undefined if there is none. */
export function policyOf(request: IdentifiableRequest): Policy | undefined {
  const raw = rawOf(request)
  const { socket, stream } = raw as { socket?: Bound; stream?: Bound }
  return (
    (request as Bound)[POLICY] ?? (raw as Bound)[POLICY] ?? stream?.[POLICY] ?? socket?.[POLICY]
  )
}

/**
 * Puts a policy in force for one request, if none is yet. For framework adapters: several bindings
 * of one request would give several answers, so the first one counts.
 */
export function bindRequest(request: IdentifiableRequest, policy: Policy): void {
  const raw = rawOf(request) as Bound
  raw[POLICY] ??= policy
}

/**
 * Puts a policy in force for every connection that the server accepts from now on, so that
 * `identityOf` knows the requests and upgrade requests on them. Also captures the socket peer when
 * a connection is accepted, while it is sure to have one.
 *
 * Does not receive PROXY headers; that is `acceptProxyProtocol` of `@truehop/proxy-protocol`.
 * Returns a function that ends the binding for later connections.
 */
export function bindServer(server: Server, policy: Policy): () => void {
  announceReplacements(policy)
  const accept = (socket: Socket): void => {
    captureAnnounced(socket)
    bind(socket)
  }
  const bind = (of: Socket | ServerHttp2Stream): void => {
    captureEvidence(of)
    const bound = of as Bound
    bound[POLICY] ??= policy
    noteHeaderLimit(of, server)
  }
  // A stream drops its session, and so the socket, when either ends.
  const bindStreams = (session: ServerHttp2Session): void => {
    session.prependListener('stream', bind)
  }
  // On TLS servers the socket of a request is a different object than the accepted one.
  server.prependListener('connection', accept)
  server.prependListener('secureConnection', bind)
  server.prependListener('session', bindStreams)
  return () => {
    server.removeListener('connection', accept)
    server.removeListener('secureConnection', bind)
    server.removeListener('session', bindStreams)
  }
}

/** On a Node request, `raw` belongs to the application: it may be a body that the client wrote. */
function rawOf(request: IdentifiableRequest): RawRequest {
  return !(request instanceof Readable) && 'raw' in request ? request.raw : request
}

/** From evidence, read once, to a walk, to an identity, to the observers of decisions. */
function identify(raw: RawRequest, policy: Policy): ClientIdentity {
  const { current } = policy
  const evidence = evidenceOf(raw, current)
  const connection = connectionOf(raw)
  const ended = walkAgain(current, evidence, connection)
  const conflicts = looksForConflicts(current) ? conflictsOf(current, evidence, ended) : []
  const identity = identityFrom(ended, evidence, settle(current, conflicts))
  ;(raw as Bound)[IDENTITY] = Object.preventExtensions(identity)
  observe({ policy, request: raw, evidence, identity }, conflicts)
  watchForCollapse(policy, identity, evidence)
  return identity
}
