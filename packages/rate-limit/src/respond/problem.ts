import type { DecisionReason, RateLimitDecision } from '../decide/decision.js'

/** Media type of the body (RFC 9457 section 3). */
export const PROBLEM_TYPE = 'application/problem+json'

/** A refusal's status. */
export const PROBLEM_STATUS = 429

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

/** The body of a refusal, as JSON text. */
export function problemBody({ reason, standings, retryAfter }: RateLimitDecision): string {
  const violated = standings
    .filter(({ exceeded, shadow }) => exceeded && !shadow)
    .map(({ quota }) => quota.name)
  return JSON.stringify({
    ...(PROBLEMS[reason] ?? QUOTA_EXCEEDED),
    status: PROBLEM_STATUS,
    detail: `Try again in ${retryAfter} s.`,
    'violated-policies': violated,
  })
}
