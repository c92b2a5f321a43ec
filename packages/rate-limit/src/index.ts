export type { StoreState } from './breaker.js'
export { DECISION_CHANNEL, type DecisionMessage } from './channels.js'
export { clientKey, type PrefixWidths, rateLimitKey } from './client-key.js'
export { startClusterStore } from './cluster-store.js'
export type { DecisionReason, RateLimitDecision, Standing } from './decision.js'
export { type HeaderField, headerFields } from './header-fields.js'
export { RateLimiter } from './limiter.js'
export type { Limit, LimiterOptions, RateLimitOptions, WiderLimit } from './options.js'
export { rateLimitProblem } from './problem.js'
export type { Quota, QuotaSpec } from './quota.js'
export {
  RATE_LIMIT_ERROR_CODES,
  RateLimitError,
  type RateLimitErrorCode,
} from './rate-limit-error.js'
export type { IoredisLike, NodeRedisLike, RedisClient } from './redis-client.js'
