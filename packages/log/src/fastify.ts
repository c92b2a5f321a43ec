import type { Server } from 'node:http'
import type { RawRequest } from '@truehop/identity'
import { routeOptionsOf } from '@truehop/identity/adapter'
import type { FastifyInstance, FastifyReply, FastifyRequest, RegisterOptions } from 'fastify'
import { LogController } from 'fastify'
import { fastifyPlugin } from 'fastify-plugin'
import { hideAddresses } from './loggers/pino-serializers.js'
import type { AccessLogOptions } from './options.js'
import { AccessLog } from './record/access-log.js'
import type { Exchange } from './record/exchange.js'
import { type ResponseEnd, type WatchedResponse, watchResponse } from './record/response-watch.js'

/** Options of the access log; Fastify's own registration options may be given too. */
export type FastifyAccessLogOptions = AccessLogOptions<FastifyRequest> & RegisterOptions

/**
 * Plugin for the scope it is registered in and everything below: one record for each request
 * through `request.log`, when the response ends or the client goes away. On the outermost instance
 * also for requests that Fastify refuses before it looks for a route (a malformed path). If
 * `address` is not `'full'`, Fastify's own lines show addresses in the same form. Throws `LogError`
 * for bad options.
 */
export const accessLog = fastifyPlugin(
  async (fastify: FastifyInstance, options: FastifyAccessLogOptions) => {
    const { prefix: _, logLevel: __, logSerializers: ___, ...own } = options
    const log = new AccessLog<FastifyRequest>(own)
    const records = new Records(log, fastify)
    hideAddresses(fastify.log, log.privacy)

    // Scopes inherit from the instance they belong to; only the outermost one owns the server.
    if (Object.hasOwn(fastify, 'server')) {
      const { server }: { server: Server } = fastify
      server.prependListener('request', (raw, response) => records.watch(raw, response))
    }
    fastify.addHook('onRequest', (request, reply, done) => {
      records.begin(request, reply)
      done()
    })
    // A hook registered earlier answered the request, so the hook above never saw it.
    fastify.addHook('onResponse', (request, reply, done) => {
      records.end(request, reply)
      done()
    })
  },
  { fastify: '5.x', name: '@truehop/log' },
)

export default accessLog

/**
 * Fastify's own lines without the two that the access record replaces: "incoming request" and
 * "request completed". Errors are still logged:
 * `Fastify({ logger: true, logController: accessLogController() })`.
 */
export function accessLogController(
  options?: ConstructorParameters<typeof LogController>[0],
): LogController {
  return new AccessLogController(options)
}

class AccessLogController extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(
    ...[error, ...rest]: Parameters<LogController['requestCompleted']>
  ): void {
    if (error !== undefined && error !== null) super.requestCompleted(error, ...rest)
  }
}

/** What is known about a request before its response ends. */
interface Pending {
  request: FastifyRequest | undefined
}

type Carrier = Record<symbol, Pending | undefined>

/** The records that are due, from the first sign of a request to its end. */
class Records {
  readonly #log: AccessLog<FastifyRequest>
  readonly #fastify: FastifyInstance
  /** Where Node's requests carry what this log knows about them. */
  readonly #pending = Symbol('truehop.access-log')

  constructor(log: AccessLog<FastifyRequest>, fastify: FastifyInstance) {
    this.#log = log
    this.#fastify = fastify
  }

  watch(raw: RawRequest, response: WatchedResponse): Pending {
    const pending: Pending = { request: undefined }
    this.#remember(raw, pending)
    const startedAt = Date.now()
    // Read at once: a connection that is gone can no longer be asked.
    this.#log.identity(raw)
    watchResponse(response, raw.method ?? '', (end) => {
      if (pending.request !== undefined) this.#write(raw, pending.request, startedAt, end)
      // Fastify's own listeners come after this one, and its hooks show which request it is.
      else setImmediate(() => this.#write(raw, pending.request, startedAt, end))
    })
    return pending
  }

  begin(request: FastifyRequest, reply: FastifyReply): void {
    const pending = this.#known(request.raw) ?? this.watch(request.raw, reply.raw)
    pending.request = request
    if (!this.#log.marks) return
    const identity = this.#log.identity(request)
    if (identity !== undefined) this.#log.mark(request, identity)
  }

  end(request: FastifyRequest, reply: FastifyReply): void {
    const pending = this.#known(request.raw)
    if (pending !== undefined) {
      pending.request = request
      return
    }
    this.#remember(request.raw, { request })
    this.#write(request.raw, request, Date.now() - reply.elapsedTime, unwatchedEnd(reply))
  }

  #known(raw: RawRequest): Pending | undefined {
    return (raw as RawRequest & Carrier)[this.#pending]
  }

  #remember(raw: RawRequest, pending: Pending): void {
    ;(raw as RawRequest & Carrier)[this.#pending] = pending
  }

  #write(
    raw: RawRequest,
    request: FastifyRequest | undefined,
    startedAt: number,
    end: ResponseEnd,
  ): void {
    const logger = request?.log ?? this.#fastify.log
    // A request without a connection (an injected one) has its policy on Fastify's request.
    const identity = this.#log.identity(request ?? raw)
    if (identity === undefined) this.#log.complainUnbound(logger)
    const exchange: Exchange = {
      status: end.status,
      bytes: end.bytes,
      duration: end.duration,
      aborted: end.aborted,
      identity,
      startedAt,
      method: raw.method ?? '',
      target: request?.originalUrl ?? raw.url ?? '',
      scheme: request?.protocol ?? identity?.protocol ?? 'http',
      httpVersion: raw.httpVersion,
      route: request === undefined ? undefined : routeOptionsOf(request).url,
      requestId: request?.id,
      userAgent: raw.headers['user-agent'],
      referer: raw.headers.referer,
      headers: this.#log.headers(raw.headers),
      anomalies: this.#log.anomalies(raw),
      notes: this.#log.decisions(raw),
    }
    this.#log.write(logger, exchange, request)
  }
}

/** What Fastify itself knows about a response that was not watched. */
function unwatchedEnd(reply: FastifyReply): ResponseEnd {
  const length = Number(reply.getHeader('content-length') ?? 0)
  return {
    status: reply.statusCode,
    bytes: Number.isSafeInteger(length) ? length : 0,
    duration: reply.elapsedTime,
    aborted: false,
  }
}
