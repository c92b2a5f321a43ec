import { identityOf, type Policy, policyOf } from '@truehop/identity/adapter'
import type { Application, Express as ExpressApplication, Request } from 'express'

/** The request if a policy is in force for it, or can be put in force; otherwise undefined. */
export type KnownOf = (request: Request) => Request | undefined

type Names = 'clientIdentity' | 'clientIp' | 'ip' | 'ips' | 'protocol' | 'host' | 'hostname'

/**
 * What each property says for a request with an identity; `secure` and `subdomains` follow from
 * these.
 */
const ANSWERS: { readonly [Name in Names]: (request: Request) => unknown } = {
  clientIdentity: identityOf,
  clientIp: clientIpOf,
  ip: clientIpOf,
  ips: ipsOf,
  protocol: (request) => identityOf(request).protocol ?? 'http',
  host: hostOf,
  hostname: hostnameOf,
}

/** What the properties of a request say if no policy applies to it; nothing may throw here. */
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
 * Puts the getters on the requests of one application, including those that have not reached the
 * middleware: error handlers see them.
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

/** Policies in shadow mode: Express's own answers stay. */
const compared = new WeakSet<Policy>()
const covered = new WeakSet<object>()

/**
 * Puts the getters on what the requests of all applications have in common, for requests with a
 * policy; others keep what they had. An application that is not mounted with `app.use` (in a
 * Router, by a virtual host, by a handler that calls it) gives the request its own prototype, which
 * inherits only from this.
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

/**
 * The prototype itself is read too, by code that prints or copies it, and must not get an identity.
 */
function define(on: object, name: string, of: (request: Request) => unknown): void {
  Object.defineProperty(on, name, {
    get(this: Request): unknown {
      return this.socket === undefined ? undefined : of(this)
    },
    configurable: true,
    enumerable: true,
  })
}

/**
 * On the getter of a request's own `clientIp`: a second copy of this package recognizes it by that.
 */
const OURS = Symbol.for('truehop.client-ip/1')

const OWN_CLIENT_IP: PropertyDescriptor = {
  get: Object.assign(
    function get(this: Request): string {
      return clientIpOf(this)
    },
    { [OURS]: true },
  ),
  // Not configurable: request-ip would overwrite it with an address that any client can choose.
  configurable: false,
  enumerable: false,
}

/** Makes `clientIp` the request's own, unchangeable; false if other code was first. */
export function ownClientIp(request: Request): boolean {
  const own = Object.getOwnPropertyDescriptor(request, 'clientIp')
  if (own === undefined) Object.defineProperty(request, 'clientIp', OWN_CLIENT_IP)
  return own === undefined || (own.get !== undefined && OURS in own.get)
}

/**
 * Uncovers the getter of `ip` if the request has an `ip` of its own, as the adapters of serverless
 * platforms set it; false if that cannot be removed.
 */
export function dropOwnIp(request: Request): boolean {
  return !Object.hasOwn(request, 'ip') || Reflect.deleteProperty(request, 'ip')
}

function clientIpOf(request: Request): string {
  const identity = identityOf(request)
  return identity.status === 'resolved' ? identity.ip : 'unknown'
}

/** As in Express: the client first, without the socket peer; a direct client is not in it. */
function ipsOf(request: Request): string[] {
  const { status, nodes } = identityOf(request)
  return status === 'resolved' ? nodes.slice(0, -1) : []
}

/** A Host header that is not a host is left to the application, as without this middleware. */
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
