import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream'
import { identityOf, sendProblem } from '@truehop/identity/adapter'
import type { Metered } from '@truehop/ip/internal'
import type { Request } from 'express'
import type { RateLimitDecision } from './decide/decision.js'
import { RateLimiter } from './decide/limiter.js'
import type { RateLimitOptions } from './limits/options.js'
import { publishDecision } from './respond/channels.js'
import { afterDelay } from './respond/delay.js'
import { headerFields, joined } from './respond/header-fields.js'
import { refusalOf } from './respond/refusal.js'

declare global {
  namespace Express {
    interface Request {
      /** What the last limiter decided about this request. */
      rateLimit?: RateLimitDecision | undefined
    }
  }
}

export type ExpressRateLimitOptions = RateLimitOptions<Request>

/** Express 4.21 and 5. */
type NextFunction = (error?: unknown) => void

export interface RateLimitMiddleware extends Metered {
  (request: Request, response: ServerResponse, next: NextFunction): void
}

/**
 * Middleware that allows a client a number of requests per window: for `app.use(rateLimit(...))`, a
 * router, or one route. Must come after `app.use(truehop(...))`.
 *
 * Refuses with 429 and `application/problem+json`; sends `RateLimit-Policy` and `RateLimit` with
 * every response. `request.rateLimit` is the decision.
 *
 * @throws {RateLimitError} for options that could not be honoured as written.
 */
export function rateLimit(
  options: ExpressRateLimitOptions | RateLimiter<Request>,
): RateLimitMiddleware {
  const limiter = options instanceof RateLimiter ? options : new RateLimiter<Request>(options)
  const check = (request: Request, response: ServerResponse, next: NextFunction): void => {
    const proceed = (decision: RateLimitDecision): void => {
      request.rateLimit = decision
      publishDecision(decision, request)
      settleLater(limiter, decision, request, response)
      // Answered while the store was being asked, for example by a timeout: nothing is left to do.
      if (response.headersSent) return
      writeFields(response, limiter, decision)
      if (decision.allowed) afterDelay(decision.delay, response, next)
      else refuse(limiter, decision, request, response)
    }
    try {
      const decision = limiter.decide(identityOf(request), request)
      if (decision instanceof Promise) decision.then(proceed).catch(next)
      else proceed(decision)
    } catch (error) {
      next(error)
    }
  }
  return Object.assign(check, { metrics: limiter.metrics })
}

export default rateLimit

function settleLater(
  limiter: RateLimiter<Request>,
  decision: RateLimitDecision,
  request: Request,
  response: ServerResponse,
): void {
  if (!limiter.settles || !decision.allowed) return
  finished(response, () => {
    const statusCode = response.headersSent ? response.statusCode : undefined
    limiter.settle(decision, { request, identity: decision.identity, statusCode })
  })
}

function writeFields(
  response: ServerResponse,
  limiter: RateLimiter<Request>,
  decision: RateLimitDecision,
): void {
  for (const [name, value] of headerFields(decision, limiter.headers)) {
    response.setHeader(name, joined(name, response.getHeader(name), value))
  }
}

function refuse(
  limiter: RateLimiter<Request>,
  decision: RateLimitDecision,
  request: Request,
  response: ServerResponse,
): void {
  const { answer, headers } = refusalOf(limiter, decision, request)
  for (const [name, value] of headers) response.setHeader(name, value)
  sendProblem(response, answer)
}
