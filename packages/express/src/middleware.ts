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
   * Gets refused connections and requests, `warn(fields, message)`, a few a minute for each
   * reason: pino or anything of that shape. Default: lines on `console.warn`.
   */
  readonly logger?: RefusalLogger | undefined
}

/** Middleware for `app.use()`, before everything that asks for the client. */
export interface TruehopMiddleware {
  (request: Request, response: Response, next: NextFunction): void
  /**
   * Puts the policy in force for a server's connections, and for its upgrade requests: give it
   * what `app.listen()` or `https.createServer(…, app)` returns, and get it back. A policy with a
   * `proxy-protocol` hop needs it, and makes the server expect PROXY headers.
   *
   * @throws {TruehopExpressError} for something that is not a server.
   */
  attach<S extends Server>(server: S): S
  /** One for each attached server; empty without a `proxy-protocol` hop. */
  readonly proxyProtocol: readonly ProxyProtocolCounts[]
}

/**
 * Gives every request its one client identity: `req.clientIp`, `req.clientIdentity` and `req.ip`,
 * in the application that uses it and in all that is mounted there.
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
  // Whose server a request came over cannot be asked later.
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

/** What becomes of a mistake in the set-up is for the application's error handlers to say. */
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
