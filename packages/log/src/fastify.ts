import type { ClientIdentity } from '@truehop/identity'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LogController } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { AccessLog } from './access-log.js'
import { decisionsOf } from './decision-notes.js'
import type { Exchange } from './exchange.js'
import type { AccessLogOptions } from './options.js'
import { hideAddresses } from './pino-serializers.js'
import { type ResponseEnd, watchResponse } from './response-watch.js'

export type FastifyAccessLogOptions = AccessLogOptions<FastifyRequest>

/**
 * Plugin for the scope it is registered in and everything below: one record for each request
 * through `request.log`, when the response ends or the client goes away. Where `address` is not
 * `'full'`, Fastify's own lines show addresses in the same form. Throws `LogError` for bad options.
 */
export const accessLog = fastifyPlugin(
  async (fastify: FastifyInstance, options: FastifyAccessLogOptions) => {
    const log = new AccessLog<FastifyRequest>(options)
    const begun = new WeakSet<FastifyRequest>()
    hideAddresses(fastify.log, log.privacy)

    fastify.addHook('onRequest', (request, reply, done) => {
      begun.add(request)
      begin(log, request, reply)
      done()
    })
    // A hook registered earlier answered the request: the one above never saw it.
    fastify.addHook('onResponse', (request, reply, done) => {
      if (!begun.has(request)) finish(log, request, log.identity(request), endOf(reply))
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

function begin(log: AccessLog<FastifyRequest>, request: FastifyRequest, reply: FastifyReply): void {
  const startedAt = Date.now()
  const early = log.identity(request)
  if (early !== undefined) log.mark(request, early)
  watchResponse(reply.raw, request.method, (end) => {
    finish(log, request, early ?? log.identity(request), { ...end, startedAt })
  })
}

function finish(
  log: AccessLog<FastifyRequest>,
  request: FastifyRequest,
  identity: ClientIdentity | undefined,
  end: ResponseEnd & { readonly startedAt: number },
): void {
  if (identity === undefined) log.complainUnbound(request.log)
  log.write(request.log, request, exchangeOf(log, request, identity, end))
}

function exchangeOf(
  log: AccessLog<FastifyRequest>,
  request: FastifyRequest,
  identity: ClientIdentity | undefined,
  end: ResponseEnd & { readonly startedAt: number },
): Exchange {
  return {
    ...end,
    identity,
    method: request.method,
    target: request.originalUrl,
    scheme: request.protocol,
    httpVersion: request.raw.httpVersion,
    route: request.routeOptions.url,
    requestId: request.id,
    userAgent: request.headers['user-agent'],
    referer: request.headers.referer,
    headers: log.headers(request.headers),
    notes: decisionsOf(request.raw),
  }
}

/** What Fastify itself knows of a response that was not watched. */
function endOf(reply: FastifyReply): ResponseEnd & { readonly startedAt: number } {
  const length = Number(reply.getHeader('content-length') ?? 0)
  return {
    status: reply.statusCode,
    bytes: Number.isSafeInteger(length) ? length : 0,
    duration: reply.elapsedTime,
    startedAt: Date.now() - reply.elapsedTime,
    aborted: false,
  }
}
