import type { ServerResponse } from 'node:http'
import { identityOf } from '@truehop/identity'
import { sendProblem } from '@truehop/identity/adapter'
import type { Request } from 'express'
import { publishDecision } from './channels.js'
import type { RateLimitDecision } from './decision.js'
import { headerFields, joined } from './header-fields.js'
import { RateLimiter } from './limiter.js'
import type { RateLimitOptions } from './options.js'
import { rateLimitProblem } from './problem.js'

export type ExpressRateLimitOptions = RateLimitOptions<Request>

/** Express 4.21 and 5. */
export type RateLimitMiddleware = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Middleware that lets a client pass so many times a window: for `app.use(rateLimit(...))`, a
 * router, or one route. Must stand after `app.use(truehop(...))`.
 *
 * Refuses with 429 and `application/problem+json`; sends `RateLimit-Policy` and `RateLimit` with
 * every response.
 *
 * @throws {RateLimitError} for options that could not be honoured as written.
 */
export function rateLimit(
  options: ExpressRateLimitOptions | RateLimiter<Request>,
): RateLimitMiddleware {
  const limiter = options instanceof RateLimiter ? options : new RateLimiter<Request>(options)
  return (request, response, next) => {
    const proceed = (decision: RateLimitDecision): void => {
      publishDecision(decision, request)
      // Answered by somebody else while the store was asked, by a timeout say: nothing is left to do.
      if (response.headersSent) return
      writeFields(response, limiter, decision)
      if (decision.admitted) next()
      else sendProblem(response, rateLimitProblem(decision))
    }
    try {
      const decision = limiter.decide(identityOf(request), request)
      if (decision instanceof Promise) decision.then(proceed).catch(next)
      else proceed(decision)
    } catch (error) {
      next(error)
    }
  }
}

export default rateLimit

function writeFields(
  response: ServerResponse,
  limiter: RateLimiter<Request>,
  decision: RateLimitDecision,
): void {
  for (const [name, value] of headerFields(decision, limiter.legacyHeaders)) {
    response.setHeader(name, joined(name, response.getHeader(name), value))
  }
}
