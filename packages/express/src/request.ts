import {
  bindRequest,
  type ClientIdentity,
  identityOf,
  type Policy,
  policyOf,
} from '@truehop/identity/adapter'
import { captureEvidence, proxyEvidence } from '@truehop/proxy-protocol/evidence'
import type { Application, Express as ExpressApplication, Request } from 'express'
import { MiddlewareError } from './middleware-error.js'

declare global {
  namespace Express {
    interface Request {
      /** The client's address, RFC 5952 text; `'unknown'` where it is undetermined. As `ip`. */
      readonly clientIp: string
      /** The client identity: what `identityOf(req)` gives, the same object for everyone. */
      readonly clientIdentity: ClientIdentity
    }
  }
}

/**
 * The identities of the requests that one policy is in force for, and the getters that show them
 * on the requests of an application and of everything mounted in it.
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
   * ends before anybody asks for the identity.
   *
   * @throws {MiddlewareError} where the identity could not be told, or another policy is in force.
   */
  bind(request: Request): void {
    const bound = policyOf(request)
    if (bound === this.#policy) return
    if (bound !== undefined) throw new MiddlewareError('already-installed', SECOND_POLICY)
    if (this.#needsServer && !isReceived(request))
      throw new MiddlewareError('not-attached', NOT_ATTACHED)
    bindRequest(request, this.#policy)
    captureEvidence(request.socket)
  }

  /**
   * Puts the getters on the requests of an application, if they are not there yet.
   *
   * @throws {MiddlewareError} where Express has a policy of its own.
   */
  install(application: Application): void {
    if (this.#applications.has(application)) return
    if (application.get('trust proxy') && !this.#compares)
      throw new MiddlewareError('trust-proxy-set', TRUST_PROXY)
    this.#applications.add(application)
    const identity = (request: Request) => this.#known(request)
    const ip = (request: Request) => clientIp(this.#known(request))
    Object.defineProperties((application as ExpressApplication).request, {
      clientIdentity: getter(identity),
      clientIp: getter(ip),
      ...(this.#compares ? {} : { ip: getter(ip), ...this.#ownAnswers(application) }),
    })
  }

  /** Express's own properties of the original request; `secure` follows from `protocol`. */
  #ownAnswers(application: Application): PropertyDescriptorMap {
    const protocol = (request: Request) => this.#known(request)?.protocol ?? 'http'
    const host = (request: Request) => this.#known(request)?.host ?? request.get('host')
    const hostname = (request: Request) => host(request)?.replace(/:\d*$/, '')
    // Only version 4 has param(), and there host is a deprecated name of hostname.
    const hasHost = !('param' in (application as ExpressApplication).request)
    return {
      protocol: getter(protocol),
      hostname: getter(hostname),
      ...(hasHost ? { host: getter(host) } : {}),
    }
  }

  /** For getters: error handlers and loggers ask them, and nothing may throw there. */
  #known(request: Request): ClientIdentity | undefined {
    if (policyOf(request) === undefined) {
      if (this.#needsServer && !isReceived(request)) return undefined
      bindRequest(request, this.#policy)
    }
    return identityOf(request)
  }

  /** Without PROXY headers the socket tells it all, whichever server it belongs to. */
  get #needsServer(): boolean {
    return this.#policy.current.proxyProtocol !== undefined
  }
}

/** On another server than `attach` was given, or on a connection that the process made itself. */
function isReceived(request: Request): boolean {
  return proxyEvidence(request).received === true
}

/** The prototype itself is asked too, by whoever prints or copies it, and must get no identity. */
function getter<T>(of: (request: Request) => T): PropertyDescriptor {
  return {
    get(this: Request): T | undefined {
      return this.socket === undefined ? undefined : of(this)
    },
    configurable: true,
    enumerable: true,
  }
}

function clientIp(identity: ClientIdentity | undefined): string {
  return identity?.status === 'resolved' ? identity.ip : 'unknown'
}

const NOT_ATTACHED =
  'the policy has a proxy-protocol hop, and this request came over a server that does not expect PROXY headers: write identity.attach(app.listen(3000)), and the same for every other server of the application'
const TRUST_PROXY =
  "Express's own 'trust proxy' is set, which decides scheme, host and addresses a second time and by other rules: leave it out and name the proxies in the policy, or write compareWith: 'trust proxy' to compare the two first"
const SECOND_POLICY =
  'another policy is in force for this request, and two policies would be two answers: use one truehop() for the application, with all hops in one policy, and attach that one'
