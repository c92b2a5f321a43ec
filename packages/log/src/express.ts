import { type ClientIdentity, policyOf } from '@truehop/identity'
import { maskLines } from '@truehop/identity/adapter'
import type { Request, RequestHandler } from 'express'
import type { AccessLogOptions, Logger } from './options.js'
import { checkLogger } from './read-options.js'
import { AccessLog } from './record/access-log.js'
import type { Exchange } from './record/exchange.js'
import { anomaliesOf, decisionsOf } from './record/request-notes.js'
import { type ResponseEnd, watchResponse } from './record/response-watch.js'

export { morganTokens, type TokenRegistry } from './loggers/morgan.js'
export { requestSerializers, type SerializerOptions } from './loggers/pino-http.js'

export interface ExpressAccessLogOptions extends AccessLogOptions<Request> {
  /** A pino logger, or anything with its methods. */
  readonly logger: Logger
}

/**
 * Middleware that writes one record for each request it sees, when the response ends or the client
 * goes away. Put it before everything whose requests shall be recorded, the identity's own
 * middleware included: then a request that this one refuses has its record too.
 *
 * @throws {LogError} for bad options.
 */
export function accessLog(given: ExpressAccessLogOptions): RequestHandler {
  const { logger, ...options } = { ...given }
  checkLogger(logger)
  const log = new AccessLog<Request>(options)
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
      log.write(logger, exchangeOf(request, log, identity, startedAt, end), request)
    })
    // As a rule the identity's middleware comes after this one, and nobody can be asked yet.
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
    route: routeOf(request),
    requestId: idOf(request),
    userAgent: request.headers['user-agent'],
    referer: request.headers.referer,
    headers: log.headers(request.headers),
    anomalies: anomaliesOf(request),
    notes: decisionsOf(request),
  }
}

/**
 * Where the router is mounted, and the pattern of the route in it. Express keeps a mount path only
 * as it was matched, so a router mounted on a pattern shows the value instead; and it forgets the
 * mount path when an error leaves the router.
 */
function routeOf(request: Request): string | undefined {
  const path: unknown = request.route?.path
  if (path === undefined) return undefined
  const mount: unknown = request.baseUrl
  return `${typeof mount === 'string' ? mount : ''}${String(path)}`
}

/** As pino-http and others put it on the request. */
function idOf(request: Request): string | undefined {
  const id: unknown = 'id' in request ? request.id : undefined
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined
}
