import { immediate, type Problem } from '@truehop/identity/adapter'
import type { RateLimitDecision } from '../decide/decision.js'
import type { RateLimiter } from '../decide/limiter.js'
import { rateLimitProblem } from './problem.js'

/** The response to a refused request. */
export interface Refusal {
  readonly answer: Problem
  /** In addition to those of the answer, which win if both have one. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** Problem details, or what the application answers in their place. */
export function refusalOf<Request>(
  limiter: RateLimiter<Request>,
  decision: RateLimitDecision,
  request: Request,
): Refusal {
  const own = limiter.answer?.(decision, request)
  immediate('answer', own)
  if (own === undefined) return { answer: rateLimitProblem(decision), headers: [] }
  const { status = 429, body, headers = {} } = own
  const isText = typeof body === 'string'
  const contentType = own.type ?? (isText ? 'text/plain; charset=utf-8' : 'application/json')
  const text = isText ? body : (JSON.stringify(body) ?? '')
  return {
    answer: { status, contentType, body: text, cacheControl: 'no-store' },
    headers: Object.entries(headers),
  }
}
