import { type Problem, problem } from '@truehop/identity/adapter'
import type { DecisionReason, RateLimitDecision } from '../decide/decision.js'

const REGISTRY = 'https://iana.org/assignments/http-problem-types#'

const QUOTA_EXCEEDED = { type: `${REGISTRY}quota-exceeded`, title: 'Quota Exceeded' }

/** Problem types of draft-ietf-httpapi-ratelimit-headers-11 section 5, titles of section 10.2. */
const PROBLEMS: Partial<Record<DecisionReason, { type: string; title: string }>> = {
  blocked: { type: `${REGISTRY}abnormal-usage-detected`, title: 'Abnormal Usage Detected' },
  'store-error': {
    type: `${REGISTRY}temporary-reduced-capacity`,
    title: 'Temporary Reduced Capacity',
  },
}

/** The answer to a refused request, ready to send. */
export function rateLimitProblem({ reason, standings, retryAfter }: RateLimitDecision): Problem {
  const violated = standings
    .filter(({ exceeded, shadow }) => exceeded && !shadow)
    .map(({ quota }) => quota.name)
  return problem(429, {
    ...(PROBLEMS[reason] ?? QUOTA_EXCEEDED),
    detail: `Try again in ${retryAfter} s.`,
    'violated-policies': violated,
  })
}
