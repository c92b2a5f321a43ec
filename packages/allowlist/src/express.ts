import { identityOf } from '@truehop/identity'
import { sendProblem } from '@truehop/identity/adapter'
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
export function allowlist(lists: AllowlistOptions<Request> | Allowlist<Request>): RequestHandler {
  const list = lists instanceof Allowlist ? lists : new Allowlist(lists)
  return (request, response, next) => {
    if (isRefused(list.check(identityOf(request), request, request))) {
      sendProblem(response, list.refusal)
    } else next()
  }
}

export default allowlist
