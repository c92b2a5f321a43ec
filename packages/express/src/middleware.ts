import type { Server } from 'node:net'
import {
  compareAnswers,
  type EdgeOptions,
  edgeSettings,
  identityOf,
  logPolicy,
  type OnUndetermined,
  sendProblem,
  UNDETERMINED_PROBLEM,
  type UndeterminedIdentity,
  watchHeaderLimits,
} from '@truehop/identity/adapter'
import type { RefusalLogger } from '@truehop/proxy-protocol/receive'
import type { NextFunction, Request, Response } from 'express'
import { AttachedServers, type ProxyProtocolCounts } from './attached-servers.js'
import { EXPRESS_OPTIONS, readLogger, UndeterminedLog } from './lines.js'
import { RequestIdentities } from './request.js'

/** A policy, or the options of one, `onUndetermined` and a logger. */
export type TruehopOptions = EdgeOptions & {
  /**
   * Receives refused connections and requests as `warn(fields, message)`, a few a minute for each
   * reason: pino or anything of that shape. Default: lines on `console.warn`.
   */
  readonly logger?: RefusalLogger | undefined
}

/** Middleware for `app.use()`, before everything that asks for the client. */
export interface TruehopMiddleware {
  (request: Request, response: Response, next: NextFunction): void
  /**
   * Puts the policy in force for a server's connections, and for its upgrade requests: pass it what
   * `app.listen()` or `https.createServer(…, app)` returns; it returns the same server. A policy
   * with a `proxy-protocol` hop needs it, and makes the server expect PROXY headers.
   *
   * @throws {TruehopExpressError} for something that is not a server.
   */
  attach<S extends Server>(server: S): S
  /** One for each attached server; empty without a `proxy-protocol` hop. */
  readonly proxyProtocol: readonly ProxyProtocolCounts[]
}

/**
 * Gives every request its one client identity: `req.clientIp`, `req.clientIdentity` and `req.ip`,
 * in the application that uses it and in everything mounted there.
 *
 * @throws {PolicyError} for options that are not exactly a policy.
 * @throws {TruehopExpressError} for a bad logger.
 */
export function truehop(options: TruehopOptions): TruehopMiddleware {
  const { policy, onUndetermined, compares, onDifference } = edgeSettings(
    options,
    Object.keys(EXPRESS_OPTIONS),
  )
  const logger = readLogger(options.logger)
  logPolicy(policy, (message) => logger.warn({}, message))
  const identities = new RequestIdentities(policy, compares)
  const servers = new AttachedServers(policy, logger)
  const undetermined = new UndeterminedLog(logger)
  // Later there is no way to ask which server a request came in on.
  watchHeaderLimits()

  const identify = (request: Request, response: Response, next: NextFunction): void => {
    const mistake = setUp(identities, request)
    if (mistake === undefined && compares) compareAnswers(request, request, onDifference)
    const refused = mistake === undefined ? refusedIdentity(request, onUndetermined) : undefined
    if (refused === undefined) {
      next(mistake)
      return
    }
    undetermined.write(request, refused)
    sendProblem(response, UNDETERMINED_PROBLEM)
  }
  return Object.assign(identify, {
    attach: <S extends Server>(server: S) => servers.attach(server),
    proxyProtocol: servers.counts,
  })
}

export default truehop

/** The application's error handlers decide what happens to a mistake in the set-up. */
function setUp(identities: RequestIdentities, request: Request): unknown {
  try {
    identities.bind(request)
    identities.install(request.app)
    return undefined
  } catch (mistake) {
    return mistake
  }
}

function refusedIdentity(
  request: Request,
  onUndetermined: OnUndetermined,
): UndeterminedIdentity | undefined {
  if (onUndetermined === 'continue') return undefined
  const identity = identityOf(request)
  return identity.status === 'undetermined' ? identity : undefined
}
