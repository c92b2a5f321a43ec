import { finished } from 'node:stream'
import { identityOf, routeOptionsOf, sendProblem } from '@truehop/identity/adapter'
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  RouteOptions,
} from 'fastify'
import { fastifyPlugin } from 'fastify-plugin'
import type { RateLimitDecision } from './decide/decision.js'
import { RateLimiter } from './decide/limiter.js'
import type { Limit, LimiterOptions, RateLimitOptions } from './limits/options.js'
import { RateLimitError } from './limits/rate-limit-error.js'
import { isOfLimit, readLimiterOptions } from './limits/read-limits.js'
import { publishDecision } from './respond/channels.js'
import { afterDelay } from './respond/delay.js'
import { headerFields, joined } from './respond/header-fields.js'
import { refusalOf } from './respond/refusal.js'
import { openStore } from './store/open-store.js'

type Limits = Limit<FastifyRequest> | { readonly limits: readonly Limit<FastifyRequest>[] }

/** A route's `config.rateLimit`: its own limits in place of the plugin's, or none. */
export type RouteRateLimit = (LimiterOptions<FastifyRequest> & Limits) | false

declare module 'fastify' {
  interface FastifyContextConfig {
    rateLimit?: RouteRateLimit | undefined
  }
  interface FastifyInstance {
    /** The limiters of this scope and of those below it, one for each route with limits of its own. */
    readonly rateLimiters: RateLimiter<FastifyRequest>[]
  }
  interface FastifyRequest {
    /** What the last limiter decided about this request. */
    rateLimit?: RateLimitDecision | undefined
  }
}

/** Options of the plugin. Without a limit, only routes with `config.rateLimit` are limited. */
export type FastifyRateLimitOptions = LimiterOptions<FastifyRequest> &
  (Limits | { readonly limit?: undefined }) & {
    /**
     * The hook that counts. Default `'onRequest'`; use a later one for a `key` that a login sets.
     */
    readonly hook?: (typeof HOOKS)[number] | undefined
  }

/** Fits every hook of `HOOKS`: `preParsing` has the payload before `done`. */
export interface RateLimitHook {
  (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void
  (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: HookHandlerDoneFunction,
  ): void
}

const HOOKS = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const

const IN_A_HOOK =
  "must be options, got a RateLimiter; write fastify.addHook('onRequest', rateLimitHook(limiter))"

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
  return hookOf((request, reply, done) => limit(limiter, request, reply, done))
}

type Step = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void

function hookOf(step: Step): RateLimitHook {
  return (request: FastifyRequest, reply: FastifyReply, next: unknown, last?: unknown): void => {
    const done = last ?? next
    if (isDone(done)) step(request, reply, done)
  }
}

function isDone(value: unknown): value is HookHandlerDoneFunction {
  return typeof value === 'function'
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
 * including those of routes that follow.
 */
export const rateLimit = fastifyPlugin(
  async (fastify: FastifyInstance, options: FastifyRateLimitOptions) => {
    if (!fastify.hasDecorator('rateLimiters')) fastify.decorate('rateLimiters', [])
    const scope = new Scope(options, fastify.rateLimiters)
    fastify.addHook('onRoute', (route) => scope.prepare(route))
    if (!fastify.hasRequestDecorator('rateLimit')) fastify.decorateRequest('rateLimit')
    addHook(fastify, scope.hook, (request, reply, done) => {
      const limiter = scope.limiterFor(request)
      if (limiter === undefined) done()
      else limit(limiter, request, reply, done)
    })
  },
  { fastify: '5.x', name: '@truehop/rate-limit' },
)

export default rateLimit

function addHook(fastify: FastifyInstance, name: (typeof HOOKS)[number], step: Step): void {
  const hook = hookOf(step)
  if (name === 'onRequest') fastify.addHook(name, hook)
  else if (name === 'preParsing') fastify.addHook(name, hook)
  else if (name === 'preValidation') fastify.addHook(name, hook)
  else fastify.addHook(name, hook)
}

/** A route's own limiter, and the scope that uses it: with nested scopes, the innermost. */
interface RouteLimiter {
  readonly scope: Scope
  readonly limiter: RateLimiter<FastifyRequest>
}

const ROUTE_LIMITER = Symbol('truehop.rate-limit')

interface RouteConfig {
  rateLimit?: RouteRateLimit | undefined
  url?: string
  method?: string | string[]
  [ROUTE_LIMITER]?: RouteLimiter
}

/** What one registration of the plugin does. */
class Scope {
  readonly hook: (typeof HOOKS)[number]
  readonly #shared: LimiterOptions<FastifyRequest>
  readonly #limiter: RateLimiter<FastifyRequest> | undefined
  readonly #limiters: RateLimiter<FastifyRequest>[]

  /** Every limiter that is made here is added to `limiters`. */
  constructor(options: FastifyRateLimitOptions, limiters: RateLimiter<FastifyRequest>[]) {
    if (options instanceof RateLimiter) throw new RateLimitError('bad-option', '', IN_A_HOOK)
    const { hook = 'onRequest', ...own } = withoutRegisterOptions(options)
    refuseOtherHooks(hook)
    this.hook = hook
    const shared = readLimiterOptions(own)
    // Opened once, so that the scope and its routes share maxKeys.
    const { store } = openStore(shared.store ?? 'memory', shared.maxKeys ?? 100_000)
    this.#shared = { ...shared, store }
    this.#limiters = limiters
    this.#limiter = hasLimits(own) ? this.#made({ ...own, store }) : undefined
  }

  prepare(route: RouteOptions): void {
    const { method, url } = route
    const config: RouteConfig = { ...route.config, method, url }
    if (config.rateLimit === undefined || config.rateLimit === false) return
    const prepared: RouteConfig = { ...route.config }
    prepared[ROUTE_LIMITER] = this.#routeLimiter(config, config.rateLimit)
    // The types of `config` have the members that Fastify adds, but not that they may be missing.
    route.config = prepared as NonNullable<typeof route.config>
  }

  limiterFor(request: FastifyRequest): RateLimiter<FastifyRequest> | undefined {
    const config: RouteConfig = routeOptionsOf(request).config
    if (config.rateLimit === undefined) return this.#limiter
    if (config.rateLimit === false) return undefined
    // The plugin's onRoute hook did not see routes that were added before it was loaded.
    const own = config[ROUTE_LIMITER] ?? this.#routeLimiter(config, config.rateLimit)
    config[ROUTE_LIMITER] = own
    return own.scope === this ? own.limiter : undefined
  }

  #routeLimiter(config: RouteConfig, own: Exclude<RouteRateLimit, false>): RouteLimiter {
    // First of all, because `in` throws for null or true.
    readLimiterOptions(own)
    const named = 'limits' in own ? own : { name: routeName(config), ...own }
    return { scope: this, limiter: this.#made({ ...this.#shared, ...named }) }
  }

  #made(options: RateLimitOptions<FastifyRequest>): RateLimiter<FastifyRequest> {
    const limiter = new RateLimiter(options)
    this.#limiters.push(limiter)
    return limiter
  }
}

/** @throws {RateLimitError} */
function refuseOtherHooks(hook: unknown): void {
  if (HOOKS.some((known) => known === hook)) return
  const known = HOOKS.map((name) => `'${name}'`).join(', ')
  const message = `must be one of ${known}, got '${String(hook)}'; leave it out for 'onRequest'`
  throw new RateLimitError('bad-option', 'hook', message)
}

/** HEAD is counted with GET: it costs the same work, and would be a second quota. */
function routeName({ method = [], url = '' }: RouteConfig): string {
  const methods = [method].flat().map((name) => (name === 'HEAD' ? 'GET' : name))
  return `${[...new Set(methods)].join(',')} ${encodeURI(url)}`
}

/** What belongs to a limit, without one, is a mistake that must not leave requests uncounted. */
function hasLimits(
  options: Omit<FastifyRateLimitOptions, 'hook'>,
): options is RateLimitOptions<FastifyRequest> {
  return 'limits' in options || Object.entries(options).some(isOfLimit)
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
    request.rateLimit = decision
    publishDecision(decision, request.raw)
    settleLater(limiter, decision, request, reply)
    for (const [name, value] of headerFields(decision, limiter.headers)) {
      reply.header(name, joined(name, reply.getHeader(name), value))
    }
    if (decision.allowed) afterDelay(decision.delay, reply.raw, done)
    else refuse(limiter, decision, request, reply)
  }
  const decision = limiter.decide(identityOf(request), request)
  if (decision instanceof Promise) decision.then(proceed).catch(done)
  else proceed(decision)
}

/** Also if the client goes away before there is an answer: what it did not use is given back. */
function settleLater(
  limiter: RateLimiter<FastifyRequest>,
  decision: RateLimitDecision,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (!limiter.settles || !decision.allowed) return
  finished(reply.raw, () => {
    const statusCode = reply.raw.headersSent ? reply.raw.statusCode : undefined
    limiter.settle(decision, { request, identity: decision.identity, statusCode })
  })
}

function refuse(
  limiter: RateLimiter<FastifyRequest>,
  decision: RateLimitDecision,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { answer, headers } = refusalOf(limiter, decision, request)
  for (const [name, value] of headers) reply.header(name, value)
  sendProblem(reply, answer)
}
