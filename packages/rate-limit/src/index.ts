export type { CountedBy, DecisionReason, RateLimitDecision, Standing } from './decide/decision.js'
export { RateLimiter } from './decide/limiter.js'
export { type Cells, perform } from './decide/perform.js'
export type { AlgorithmName, BanRule, Cell, Count, Rule, Take } from './decide/rule.js'
export { cellSize, restOf } from './decide/settle.js'
export type { Subject } from './decide/subject.js'
export { clientKey, type PrefixWidths, rateLimitKey } from './limits/client-key.js'
export { Key } from './limits/key.js'
export type {
  Answer as OwnAnswer,
  Ban,
  Limit,
  LimiterOptions,
  Outcome,
  RateLimitOptions,
  SlowDown,
  WiderLimit,
} from './limits/options.js'
export { Quota, type QuotaTerms } from './limits/quota.js'
export {
  RATE_LIMIT_ERROR_CODES,
  RateLimitError,
  type RateLimitErrorCode,
} from './limits/rate-limit-error.js'
export {
  BAN_CHANNEL,
  type BanMessage,
  DECISION_CHANNEL,
  type DecisionMessage,
} from './respond/channels.js'
export { type HeaderField, type HeaderStyle, headerFields } from './respond/header-fields.js'
export { rateLimitProblem } from './respond/problem.js'
export type { StoreState } from './store/breaker.js'
export { startClusterStore } from './store/cluster-primary.js'
export { ClusterStore } from './store/cluster-store.js'
export { MemoryStore } from './store/memory-store.js'
export type { IoredisLike, NodeRedisLike, RedisClient } from './store/redis-client.js'
export { RedisStore } from './store/redis-store.js'
export type { Act, Answer, Line, Place, Store } from './store/store.js'
