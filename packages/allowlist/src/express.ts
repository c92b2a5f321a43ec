import { identityOf, sendProblem } from '@truehop/identity/adapter'
import type { Metered } from '@truehop/ip/internal'
import type { Request, RequestHandler } from 'express'
import { Allowlist } from './allowlist.js'
import { isRefused } from './decision.js'
import type { AllowlistOptions } from './options.js'

/**
 * Middleware for a whole application, a router or one route:
 * `app.use(allowlist({ allow: [...] }))`, `app.get('/admin', allowlist(admin), handler)`.
 * Takes options, or an allowlist built before, which its owner can change while the server runs.
 * Throws `AllowlistError` for bad options.
 */
export function allowlist(
  lists: AllowlistOptions<Request> | Allowlist<Request>,
): RequestHandler & Metered {
  const list = lists instanceof Allowlist ? lists : new Allowlist(lists)
  const check: RequestHandler = (request, response, next) => {
    if (isRefused(list.check(identityOf(request), request, request))) {
      sendProblem(response, list.refusal)
    } else next()
  }
  return Object.assign(check, { metrics: list.metrics })
}

export default allowlist
