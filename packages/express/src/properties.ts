import { identityOf, type Policy, policyOf } from '@truehop/identity/adapter'
import type { Application, Express as ExpressApplication, Request } from 'express'

/** The request where a policy is in force for it, or can be put in force; else undefined. */
export type KnownOf = (request: Request) => Request | undefined

type Names = 'clientIdentity' | 'clientIp' | 'ip' | 'ips' | 'protocol' | 'host' | 'hostname'

/** What each property says of a request with an identity; `secure`, `subdomains` follow from them. */
const ANSWERS: { readonly [Name in Names]: (request: Request) => unknown } = {
  clientIdentity: identityOf,
  clientIp: clientIpOf,
  ip: clientIpOf,
  ips: ipsOf,
  protocol: (request) => identityOf(request).protocol ?? 'http',
  host: hostOf,
  hostname: hostnameOf,
}

/** What a request says to which no policy applies; nothing may throw there. */
const UNKNOWN: { readonly [Name in Names]?: (request: Request) => unknown } = {
  clientIp: () => 'unknown',
  ip: () => 'unknown',
  ips: () => [],
  protocol: () => 'http',
  host: (request) => request.get('host') || undefined,
  hostname: (request) => nameOf(request.get('host')),
}

const OF_TRUEHOP = ['clientIdentity', 'clientIp'] as const
const OF_EXPRESS = ['ip', 'ips', 'protocol', 'hostname'] as const

/**
 * Puts the getters on the requests of one application, those included that have not come as far as
 * the middleware: error handlers see them.
 */
export function coverApplication(
  application: Application,
  known: KnownOf,
  compares: boolean,
): void {
  const { request } = application as ExpressApplication
  for (const name of namesFor(request, compares)) {
    define(request, name, (of) => (known(of) === undefined ? UNKNOWN[name] : ANSWERS[name])?.(of))
  }
}

/** Those of them that are in shadow mode: Express's own answers stay. */
const compared = new WeakSet<Policy>()
const covered = new WeakSet<object>()

/**
 * Puts the getters on what the requests of all applications have in common, for requests with a
 * policy; others have what they had. An application that is not mounted by `app.use` (in a Router,
 * by a virtual host, by a handler that calls it) gives its own prototype to the request, which
 * inherits from nothing but this.
 */
export function coverEveryApplication(
  application: Application,
  policy: Policy,
  compares: boolean,
): void {
  if (compares) compared.add(policy)
  const base = baseOf((application as ExpressApplication).request)
  if (base === undefined || covered.has(base)) return
  covered.add(base)
  for (const name of namesFor(base, false)) {
    const before = Object.getOwnPropertyDescriptor(base, name)
    const isExpress = OF_EXPRESS.some((own) => own === name) || name === 'host'
    define(base, name, (request) => {
      const inForce = policyOf(request)
      return inForce === undefined || (isExpress && compared.has(inForce))
        ? before?.get?.call(request)
        : ANSWERS[name](request)
    })
  }
}

/** Only version 4 has param(), and there host is a deprecated name of hostname. */
function namesFor(request: object, compares: boolean): readonly Names[] {
  if (compares) return OF_TRUEHOP
  return 'param' in request
    ? [...OF_TRUEHOP, ...OF_EXPRESS]
    : [...OF_TRUEHOP, ...OF_EXPRESS, 'host']
}

/** Express's own request, `express.request`: the one that has `get()`. */
function baseOf(request: object): object | undefined {
  for (let at: object | null = request; at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, 'get') && Object.hasOwn(at, 'protocol')) return at
  }
  return undefined
}

/** The prototype itself is read too, by code that prints or copies it, and must get no identity. */
function define(on: object, name: string, of: (request: Request) => unknown): void {
  Object.defineProperty(on, name, {
    get(this: Request): unknown {
      return this.socket === undefined ? undefined : of(this)
    },
    configurable: true,
    enumerable: true,
  })
}

/** On the getter of a request's own `clientIp`: a second copy of this package knows it by that. */
const OURS = Symbol.for('truehop.client-ip/1')

const OWN_CLIENT_IP: PropertyDescriptor = {
  get: Object.assign(
    function get(this: Request): string {
      return clientIpOf(this)
    },
    { [OURS]: true },
  ),
  // Not to be configured: request-ip would put an address over it that any client can choose.
  configurable: false,
  enumerable: false,
}

/** Makes `clientIp` the request's own, unchangeable; false where other code was first. */
export function ownClientIp(request: Request): boolean {
  const own = Object.getOwnPropertyDescriptor(request, 'clientIp')
  if (own === undefined) Object.defineProperty(request, 'clientIp', OWN_CLIENT_IP)
  return own === undefined || (own.get !== undefined && OURS in own.get)
}

/**
 * Lets the getter of `ip` be seen where the request has one of its own, as the adapters of serverless
 * platforms give it; false where that cannot be taken away.
 */
export function dropOwnIp(request: Request): boolean {
  return !Object.hasOwn(request, 'ip') || Reflect.deleteProperty(request, 'ip')
}

function clientIpOf(request: Request): string {
  const identity = identityOf(request)
  return identity.status === 'resolved' ? identity.ip : 'unknown'
}

/** As Express has it: the client first, without the socket peer; a direct client is not in it. */
function ipsOf(request: Request): string[] {
  const { status, nodes } = identityOf(request)
  return status === 'resolved' ? nodes.slice(0, -1) : []
}

/** A Host header that is not a host is for the application to judge, as without this middleware. */
function hostOf(request: Request): string | undefined {
  return (identityOf(request).host ?? request.get('host')) || undefined
}

function hostnameOf(request: Request): string | undefined {
  return nameOf(hostOf(request))
}

/** As Express does: up to the first colon that is not an IPv6 address's. */
function nameOf(host: string | undefined): string | undefined {
  if (host === undefined || host === '') return undefined
  const colon = host.indexOf(':', host.startsWith('[') ? host.indexOf(']') + 1 : 0)
  return colon === -1 ? host : host.slice(0, colon)
}
