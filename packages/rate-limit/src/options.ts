import type { StoreState } from './breaker.js'
import type { RateLimitDecision } from './decision.js'
import type { RedisClient } from './redis-client.js'
import type { Store } from './store.js'

/** A network wider than the client's own, with a larger limit. */
export interface WiderLimit {
  /** Shown in the header fields when it is what refused. Default `'<name>/<prefix>'`. */
  readonly name?: string
  /** Quota units a window, more than the limit before it. */
  readonly limit: number
  /** Seconds, whole. Default: the window of the limit it belongs to. */
  readonly window?: number
  /** Leading bits, fewer than the limit before it. Without it, IPv4 clients are not counted here. */
  readonly ipv4Prefix?: number
  /** Leading bits, fewer than the limit before it. Without it, IPv6 clients are not counted here. */
  readonly ipv6Prefix?: number
}

/** One named limit. */
export interface Limit<Request> {
  /** Shown in the header fields, part of the key in the store. Printable ASCII. Default `'default'`. */
  readonly name?: string
  /** Quota units (requests, unless `cost` says otherwise) a window. Whole, 1 to 10^15 - 1. */
  readonly limit: number
  /**
   * Seconds, whole. 1 to 2147483 (24.8 days) wherever memory counts, which is also the case for
   * `cluster` and for `onStoreError: 'local'`; up to 10^10 in Redis.
   */
  readonly window: number
  /** Leading bits that make one IPv4 client, 0 to 32. Default 32. */
  readonly ipv4Prefix?: number
  /** Leading bits that make one IPv6 client, 0 to 128. Default 64. */
  readonly ipv6Prefix?: number
  /** Limits on the wider networks around the client, narrowest first. Default none. */
  readonly wider?: readonly WiderLimit[]
  /**
   * What to count beside the client's network: an account, an API key. Both together make the
   * key, so that nobody can use up the quota of an account from somewhere else. Undefined counts
   * the network alone.
   */
  readonly key?: (request: Request) => string | undefined
  /** Quota units a request takes: whole, 0 or more. Default 1. A bad value from a function throws. */
  readonly cost?: number | ((request: Request) => number)
  /** True leaves a request out of this limit. */
  readonly skip?: (request: Request) => boolean
  /** Seconds for which a client that exceeds the limit stays refused. Default 0: to the window's end. */
  readonly blockDuration?: number
}

/** What all limits of one limiter share. */
export interface LimiterOptions<Request> {
  /**
   * Where to count. `'memory'` (default) counts in this process, `'cluster'` in the primary of
   * node:cluster; an ioredis or node-redis client counts in Redis or Valkey.
   */
  readonly store?: 'memory' | 'cluster' | RedisClient | Store
  /**
   * What to do while the store gives no answer: let pass, refuse, or count in this process.
   * Default `'local'`.
   */
  readonly onStoreError?: 'allow' | 'deny' | 'local'
  /** Milliseconds within which the store must have answered. Default 50, whole, 1 to 60000. */
  readonly deadline?: number
  /**
   * Keys held in this process at most, over all limits of the limiter. Default 100000, at least
   * 100. Further clients share the buckets of wider networks until there is room.
   */
  readonly maxKeys?: number
  /**
   * Also send `X-RateLimit-Limit`, `-Remaining` and `-Reset`, the last one as `'seconds'` to go or
   * as `'epoch'` seconds. Default false; true is `'seconds'`.
   */
  readonly legacyHeaders?: boolean | 'seconds' | 'epoch'
  /** Called with every refusal, before the response is sent. For logs and metrics. */
  readonly onRefused?: (decision: RateLimitDecision, request: Request) => void
  /** Called when the store stops answering and when it answers again. */
  readonly onStoreState?: (state: StoreState) => void
}

/** One limit, or several under `limits`. */
export type RateLimitOptions<Request> = LimiterOptions<Request> &
  (Limit<Request> | { readonly limits: readonly Limit<Request>[] })
