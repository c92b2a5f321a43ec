import { type ClientIdentity, maskLines, policyOf } from '@truehop/identity/adapter'
import type { Request, RequestHandler } from 'express'
import { ExpressRoutes } from './express-route.js'
import type { AccessLogOptions, Logger } from './options.js'
import { readExpressOptions } from './read-options.js'
import { AccessLog } from './record/access-log.js'
import type { Exchange } from './record/exchange.js'
import { type ResponseEnd, watchResponse } from './record/response-watch.js'

export { morganTokens, type TokenRegistry } from './loggers/morgan.js'
export { requestSerializers, type SerializerOptions } from './loggers/pino-http.js'

export interface ExpressAccessLogOptions extends AccessLogOptions<Request> {
  /** A pino logger, or anything with its methods. */
  readonly logger: Logger
  /**
   * Where routers are mounted, as passed to `use`: `['/api', '/users/:id']`, nested ones in full.
   * Routes of other routers have no `http.route`. Default none.
   */
  readonly mountPaths?: readonly string[] | undefined
}

/**
 * Middleware that writes one record for each request it sees, when the response ends or the client
 * goes away. Put it before everything whose requests should be recorded, including the identity's
 * own middleware: then a request that the latter refuses has a record too.
 *
 * @throws {LogError} for bad options.
 */
export function accessLog(given: ExpressAccessLogOptions): RequestHandler {
  const { logger, mountPaths, ...options } = { ...given }
  const own = readExpressOptions({ logger, mountPaths })
  const log = new AccessLog<Request>(options)
  const routes = new ExpressRoutes(own.mountPaths)
  return (request, response, next) => {
    const startedAt = Date.now()
    if (log.privacy.form !== 'full') maskLines(request, log.privacy.redact)
    let identity: ClientIdentity | undefined
    const identify = (): void => {
      if (identity !== undefined) return
      identity = log.identity(request)
      if (identity !== undefined) log.mark(request, identity)
    }
    watchResponse(response, request.method, (end) => {
      identify()
      if (identity === undefined) log.complainUnbound(logger)
      log.write(logger, exchangeOf(request, log, identity, startedAt, end, routes), request)
    })
    // The identity's middleware usually comes after this one, so there is no identity yet.
    if (policyOf(request) !== undefined) identify()
    next()
    // Known now, while the span is still open.
    if (policyOf(request) !== undefined) identify()
  }
}

export default accessLog

function exchangeOf(
  request: Request,
  log: AccessLog<Request>,
  identity: ClientIdentity | undefined,
  startedAt: number,
  end: ResponseEnd,
  routes: ExpressRoutes,
): Exchange {
  return {
    status: end.status,
    bytes: end.bytes,
    duration: end.duration,
    aborted: end.aborted,
    identity,
    startedAt,
    method: request.method,
    target: request.originalUrl,
    scheme: request.protocol,
    httpVersion: request.httpVersion,
    route: routes.of(request),
    requestId: idOf(request),
    userAgent: request.headers['user-agent'],
    referer: request.headers.referer,
    headers: log.headers(request.headers),
    anomalies: log.anomalies(request),
    notes: log.decisions(request),
  }
}

/** As pino-http and other libraries put it on the request. */
function idOf(request: Request): string | undefined {
  const id: unknown = 'id' in request ? request.id : undefined
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined
}
