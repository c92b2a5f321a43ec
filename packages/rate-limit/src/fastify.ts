import { identityOf } from '@truehop/identity'
import { sendProblem } from '@truehop/identity/adapter'
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  RouteOptions,
} from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { publishDecision } from './channels.js'
import type { RateLimitDecision } from './decision.js'
import { headerFields, joined } from './header-fields.js'
import { RateLimiter } from './limiter.js'
import { openStore } from './open-store.js'
import { oneOf } from './option-check.js'
import type { Limit, LimiterOptions, RateLimitOptions } from './options.js'
import { rateLimitProblem } from './problem.js'
import { readLimiterOptions } from './read-limits.js'

type Limits = Limit<FastifyRequest> | { readonly limits: readonly Limit<FastifyRequest>[] }

/** A route's `config.rateLimit`: its own limits in place of the plugin's, or none. */
export type RouteRateLimit = (LimiterOptions<FastifyRequest> & Limits) | false

declare module 'fastify' {
  interface FastifyContextConfig {
    rateLimit?: RouteRateLimit
  }
}

/** Options of the plugin. Without a limit, only routes with `config.rateLimit` are limited. */
export type FastifyRateLimitOptions = LimiterOptions<FastifyRequest> &
  (Limits | { readonly limit?: undefined }) & {
    /** The hook that counts. Default `'onRequest'`; a later one for a `key` that a login sets. */
    readonly hook?: (typeof HOOKS)[number]
  }

export type RateLimitHook = (
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction,
) => void

const HOOKS = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const

/** What Fastify itself adds to the options of a plugin. */
const REGISTER_OPTIONS = ['prefix', 'logLevel', 'logSerializers']

/**
 * A hook for one route: `{ onRequest: rateLimitHook({ limit: 5, window: 60 }) }`. Routes that get
 * the same hook share its limits.
 *
 * @throws {RateLimitError} for options that could not be honoured as written.
 */
export function rateLimitHook(
  options: RateLimitOptions<FastifyRequest> | RateLimiter<FastifyRequest>,
): RateLimitHook {
  const limiter = limiterOf(options)
  return (request, reply, done) => limit(limiter, request, reply, done)
}

/**
 * Plugin for the scope it is registered in and everything below, 404s included. Needs
 * @truehop/fastify registered before it.
 *
 * Refuses with 429 and `application/problem+json`; sends `RateLimit-Policy` and `RateLimit` with
 * every response. A route has limits of its own with `config: { rateLimit: { limit, window } }`,
 * named after the route unless it names them, and none with `rateLimit: false`.
 *
 * Registering rejects with a `RateLimitError` for options that could not be honoured as written,
 * those of routes that follow included.
 */
export const rateLimit = fastifyPlugin(
  async (fastify: FastifyInstance, options: FastifyRateLimitOptions) => {
    const scope = new Scope(options)
    fastify.addHook('onRoute', (route) => scope.prepare(route))
    // The four hooks take the same function; their types differ in what nobody here reads.
    fastify.addHook(scope.hook as 'onRequest', (request, reply, done) => {
      const limiter = scope.limiterFor(request)
      if (limiter === undefined) done()
      else limit(limiter, request, reply, done)
    })
  },
  { fastify: '5.x', name: '@truehop/rate-limit' },
)

export default rateLimit

/** A route's own limiter, and the scope that asks it: with nested scopes the innermost. */
interface RouteLimiter {
  readonly scope: Scope
  readonly limiter: RateLimiter<FastifyRequest>
}

const ROUTE_LIMITER = Symbol('truehop.rate-limit')

interface RouteConfig {
  rateLimit?: RouteRateLimit
  url?: string
  method?: string | string[]
  [ROUTE_LIMITER]?: RouteLimiter
}

/** What one registration of the plugin does. */
class Scope {
  readonly hook: (typeof HOOKS)[number]
  readonly #shared: LimiterOptions<FastifyRequest>
  readonly #limiter: RateLimiter<FastifyRequest> | undefined

  constructor(options: FastifyRateLimitOptions) {
    const { hook = 'onRequest', ...own } = withoutRegisterOptions(options)
    oneOf(hook, HOOKS, 'hook')
    this.hook = hook
    const shared = readLimiterOptions(own)
    // Opened once, so that the scope and its routes share maxKeys.
    const store = openStore(shared.store ?? 'memory', shared.maxKeys ?? 100_000)
    this.#shared = { ...shared, store }
    this.#limiter = hasLimits(own) ? new RateLimiter({ ...own, store }) : undefined
  }

  prepare(route: RouteOptions): void {
    const { method, url } = route
    const config: RouteConfig = { ...route.config, method, url }
    if (config.rateLimit === undefined || config.rateLimit === false) return
    const prepared: RouteConfig = { ...route.config }
    prepared[ROUTE_LIMITER] = this.#routeLimiter(config, config.rateLimit)
    // The types of `config` know the members that Fastify adds, and not that it may lack them.
    route.config = prepared as NonNullable<typeof route.config>
  }

  limiterFor(request: FastifyRequest): RateLimiter<FastifyRequest> | undefined {
    const config: RouteConfig = request.routeOptions.config
    if (config.rateLimit === undefined) return this.#limiter
    if (config.rateLimit === false) return undefined
    // Routes of before the plugin was loaded were not seen by its onRoute hook.
    const own = config[ROUTE_LIMITER] ?? this.#routeLimiter(config, config.rateLimit)
    config[ROUTE_LIMITER] = own
    return own.scope === this ? own.limiter : undefined
  }

  #routeLimiter(config: RouteConfig, own: Exclude<RouteRateLimit, false>): RouteLimiter {
    // First of all, because `in` asks nothing of null or true.
    readLimiterOptions(own)
    const named = 'limits' in own ? own : { name: routeName(config), ...own }
    return { scope: this, limiter: new RateLimiter({ ...this.#shared, ...named }) }
  }
}

/** HEAD is counted with GET: it makes the same work, and would be a second quota. */
function routeName({ method = [], url = '' }: RouteConfig): string {
  const methods = [method].flat().map((name) => (name === 'HEAD' ? 'GET' : name))
  return `${[...new Set(methods)].join(',')} ${encodeURI(url)}`
}

function hasLimits(
  options: Omit<FastifyRateLimitOptions, 'hook'>,
): options is RateLimitOptions<FastifyRequest> {
  return 'limits' in options || ('limit' in options && options.limit !== undefined)
}

function withoutRegisterOptions(options: FastifyRateLimitOptions): FastifyRateLimitOptions {
  const own = Object.entries(options).filter(([name]) => !REGISTER_OPTIONS.includes(name))
  return Object.fromEntries(own) as FastifyRateLimitOptions
}

function limiterOf(
  options: RateLimitOptions<FastifyRequest> | RateLimiter<FastifyRequest>,
): RateLimiter<FastifyRequest> {
  return options instanceof RateLimiter ? options : new RateLimiter(options)
}

function limit(
  limiter: RateLimiter<FastifyRequest>,
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction,
): void {
  const proceed = (decision: RateLimitDecision): void => {
    publishDecision(decision, request.raw)
    for (const [name, value] of headerFields(decision, limiter.legacyHeaders)) {
      reply.header(name, joined(name, reply.getHeader(name), value))
    }
    if (decision.admitted) done()
    else sendProblem(reply, rateLimitProblem(decision))
  }
  const decision = limiter.decide(identityOf(request), request)
  if (decision instanceof Promise) decision.then(proceed, done)
  else proceed(decision)
}
