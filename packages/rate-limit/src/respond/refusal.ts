import type { RateLimitDecision } from '../decide/decision.js'
import type { RateLimiter } from '../decide/limiter.js'
import { PROBLEM_STATUS, PROBLEM_TYPE, problemBody } from './problem.js'

/** The response to a refused request. */
export interface Refusal {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Problem details, or what the application says in their place. */
export function refusalOf<Request>(
  limiter: RateLimiter<Request>,
  decision: RateLimitDecision,
  request: Request,
): Refusal {
  const own = limiter.answer?.(decision, request)
  if (own === undefined) {
    const headers = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' }
    return { status: PROBLEM_STATUS, headers, body: problemBody(decision) }
  }
  const { status = PROBLEM_STATUS, body, headers: more = {} } = own
  const isText = typeof body === 'string'
  const type = own.type ?? (isText ? 'text/plain; charset=utf-8' : 'application/json')
  const names = Object.entries(more).map(([name, value]) => [name.toLowerCase(), value])
  const headers = {
    'content-type': type,
    'cache-control': 'no-store',
    ...Object.fromEntries(names),
  }
  return { status, headers, body: isText ? body : (JSON.stringify(body) ?? '') }
}
