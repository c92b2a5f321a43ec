import { bindRequest, type ClientIdentity, type Policy, policyOf } from '@truehop/identity/adapter'
import { captureEvidence, proxyEvidence } from '@truehop/proxy-protocol/evidence'
import type { Application, Request } from 'express'
import { TruehopExpressError } from './error.js'
import {
  coverApplication,
  coverEveryApplication,
  dropOwnIp,
  type KnownOf,
  ownClientIp,
} from './properties.js'

declare global {
  namespace Express {
    interface Request {
      /**
       * The client's address, RFC 5952 text; `'unknown'` if it is undetermined. The same as `ip`.
       */
      readonly clientIp: string
      /** The client identity: what `identityOf(req)` gives, the same object for everyone. */
      readonly clientIdentity: ClientIdentity
    }
  }
}

/**
 * The identities of the requests that one policy is in force for, and the getters that show them on
 * the requests of an application and of everything it passes requests to.
 */
export class RequestIdentities {
  readonly #policy: Policy
  /** Shadow mode: Express's own answers stay. */
  readonly #compares: boolean
  readonly #applications = new WeakSet<Application>()

  constructor(policy: Policy, compares: boolean) {
    this.#policy = policy
    this.#compares = compares
  }

  /**
   * Puts the policy in force for a request, and keeps its socket peer in case the connection
   * ends before the identity is read.
   *
   * @throws {TruehopExpressError} if the identity cannot be given, another policy is in force, or
   * other code has set the client.
   */
  bind(request: Request): void {
    const bound = policyOf(request)
    if (bound !== this.#policy) {
      if (bound !== undefined) throw new TruehopExpressError('already-installed', SECOND_POLICY)
      if (this.#needsServer && !isReceived(request)) {
        throw new TruehopExpressError('not-attached', NOT_ATTACHED)
      }
      bindRequest(request, this.#policy)
      captureEvidence(request.socket)
    }
    if (!ownClientIp(request) || !(this.#compares || dropOwnIp(request))) {
      throw new TruehopExpressError('client-ip-set', CLIENT_IP_SET)
    }
  }

  /**
   * Puts the getters on the requests of an application, if they are not there yet.
   *
   * @throws {TruehopExpressError} if Express has a policy of its own.
   */
  install(application: Application): void {
    if (this.#applications.has(application)) return
    if (application.get('trust proxy') && !this.#compares)
      throw new TruehopExpressError('trust-proxy-set', TRUST_PROXY)
    this.#applications.add(application)
    const known: KnownOf = (request) => this.#known(request)
    coverApplication(application, known, this.#compares)
    coverEveryApplication(application, this.#policy, this.#compares)
  }

  /** For getters: error handlers and loggers read them, and nothing may throw there. */
  #known(request: Request): Request | undefined {
    if (policyOf(request) === undefined) {
      if (this.#needsServer && !isReceived(request)) return undefined
      bindRequest(request, this.#policy)
    }
    return request
  }

  /** Without PROXY headers the socket is enough, whichever server it belongs to. */
  get #needsServer(): boolean {
    return this.#policy.current.proxyProtocol !== undefined
  }
}

/**
 * On a server other than the one given to `attach`, or on a connection that the process made
 * itself.
 */
function isReceived(request: Request): boolean {
  return proxyEvidence(request).received === true
}

const NOT_ATTACHED =
  'the policy has a proxy-protocol hop, and the server of this request does not expect PROXY headers: write identity.attach(app.listen(3000)), and do the same for every other server of the application'
const TRUST_PROXY =
  "Express's own 'trust proxy' is set, which also decides scheme, host and addresses, by different rules: leave it out and name the proxies in the policy, or write compareWith: 'trust proxy' to compare the two first"
const SECOND_POLICY =
  'another policy is in force for this request, and two policies could disagree: use one truehop() for the application, with all hops in one policy, and attach that one'
const CLIENT_IP_SET =
  'req.clientIp has been set by other middleware (request-ip does so, from headers that any client can send), and the two could disagree: remove that middleware, as req.clientIp is the client identity here'
