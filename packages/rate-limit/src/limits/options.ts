import type { ClientIdentity } from '@truehop/identity'
import type { RedisClient } from '@truehop/redis'
import type { RateLimitDecision } from '../decide/decision.js'
import type { AlgorithmName } from '../decide/rule.js'
import type { BanMessage } from '../respond/channels.js'
import type { HeaderStyle } from '../respond/header-fields.js'
import type { StoreState } from '../store/breaker.js'
import type { Store } from '../store/store.js'

/** A network wider than the client's own, with a larger limit. */
export interface WiderLimit {
  /** Shown in the header fields when it is what refused. Default `'<name>/<prefix>'`. */
  readonly name?: string | undefined
  /** Quota units a window, more than the limit before it. */
  readonly limit: number
  /** Seconds, whole. Default: the window of the limit it belongs to. */
  readonly window?: number | undefined
  /** Leading bits, fewer than the limit before it. Without it, IPv4 clients are not counted here. */
  readonly ipv4Prefix?: number | undefined
  /** Leading bits, fewer than the limit before it. Without it, IPv6 clients are not counted here. */
  readonly ipv6Prefix?: number | undefined
}

/** A ban of clients that keep asking after they were refused. */
export interface Ban {
  /** Refusals within one window that lead to the ban. Default 1. */
  readonly after?: number | undefined
  /** Seconds of the first ban. */
  readonly for: number
  /** How many times longer each further ban is, 1 to 10. Default 2. */
  readonly backOff?: number | undefined
  /** Seconds: no ban is longer. Default a day, or `for` if that is longer. */
  readonly longest?: number | undefined
}

/** Answers late, before the limit refuses. */
export interface SlowDown {
  /** Units in use above which requests wait. */
  readonly after: number
  /** Milliseconds for each unit above. */
  readonly delay: number
  /** Milliseconds: no request waits longer. Default 10000. */
  readonly longest?: number | undefined
}

/**
 * Where bans are entered: `sharedEntries()` of @truehop/allowlist is one, and a list of one process
 * becomes one with `{ add: (entry, options) => list.add('deny', entry, options) }`.
 */
export interface DenyList {
  /** `entry` is an address or a prefix, `ttl` in seconds. What it returns is left alone. */
  add(entry: string, options: { readonly ttl: number; readonly note: string }): unknown
}

/** How a request ended. */
export interface Outcome<Request> {
  readonly request: Request
  readonly identity: ClientIdentity
  /** The status sent; undefined if the client went away before one was. */
  readonly statusCode: number | undefined
}

/** One named limit. */
export interface Limit<Request> {
  /**
   * Shown in the header fields, and part of the key in the store. Printable ASCII. Default
   * `'default'`.
   */
  readonly name?: string | undefined
  /**
   * Quota units (requests, unless `cost` says otherwise) a window: whole, 1 to 10^15 - 1, or a
   * function that says them, for plans.
   */
  readonly limit: number | ((request: Request, identity: ClientIdentity) => number)
  /** Seconds, whole, 1 to 10^10, or a function that says them: each window counts for itself. */
  readonly window: number | ((request: Request, identity: ClientIdentity) => number)
  /** How units that were used come back. Default `'sliding-window'`. */
  readonly algorithm?: AlgorithmName | undefined
  /** Units at once, of a `'token-bucket'`. Default: the limit. */
  readonly burst?: number | undefined
  /** Leading bits that make one IPv4 client, 0 to 32. Default 32. */
  readonly ipv4Prefix?: number | undefined
  /** Leading bits that make one IPv6 client, 0 to 128. Default 64. */
  readonly ipv6Prefix?: number | undefined
  /** Limits on the wider networks around the client, narrowest first. Default none. */
  readonly wider?: readonly WiderLimit[] | undefined
  /**
   * What to count in addition to the client's network: an account, an API key. Both together make
   * the key, so that the quota of an account cannot be used up from somewhere else. Undefined
   * counts the network alone.
   */
  readonly key?: ((request: Request, identity: ClientIdentity) => string | undefined) | undefined
  /**
   * True: `key` is counted alone, whatever network and family a request comes from. Requests
   * without a key are then not counted here. Default false.
   */
  readonly standalone?: boolean | undefined
  /** Quota units a request takes: whole, 0 or more. Default 1. A bad value from a function throws. */
  readonly cost?: number | ((request: Request, identity: ClientIdentity) => number) | undefined
  /**
   * How many of a request's units stay used once it has been answered: a number, all of them
   * (true), or none (false). Until then they are all in use, so that requests at the same moment
   * are not admitted on the same units. Default: all.
   */
  readonly charge?: ((outcome: Outcome<Request>) => number | boolean) | undefined
  /**
   * True: limits requests at the same time. Their units come back when they are answered, and after
   * `window` at the latest. Default false.
   */
  readonly concurrent?: boolean | undefined
  /** True leaves a request out of this limit. */
  readonly skip?: ((request: Request, identity: ClientIdentity) => boolean) | undefined
  /** Prefixes and addresses of clients that this limit leaves out. Default none. */
  readonly allow?: readonly string[] | undefined
  /** Seconds for which a client that exceeds the limit stays refused. Short for a `ban`. */
  readonly blockDuration?: number | undefined
  /** Bans clients that keep sending requests after they were refused. Default: none. */
  readonly ban?: Ban | undefined
  /**
   * True counts and decides, but refuses no request; `'headers'` also shows it in the response.
   * Default false.
   */
  readonly shadow?: boolean | 'headers' | undefined
  /** Makes requests wait before the limit refuses them. Default: none. */
  readonly slowDown?: SlowDown | undefined
}

/** What to answer in place of problem details. */
export interface Answer {
  /** Default 429. */
  readonly status?: number | undefined
  /** Default `application/json`, or `text/plain` for a string. */
  readonly type?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A string is sent as it is, anything else as JSON. */
  readonly body: unknown
}

/** What all limits of one limiter share. */
export interface LimiterOptions<Request> {
  /**
   * Where to count. `'memory'` (default) counts in this process, `'cluster'` in the primary of
   * node:cluster; an ioredis or node-redis client counts in Redis or Valkey; any other store with
   * the published interface counts wherever it does.
   */
  readonly store?: 'memory' | 'cluster' | RedisClient | Store | undefined
  /**
   * What to do while the store gives no answer: allow, refuse, or count in this process. Default
   * `'local'`.
   */
  readonly onStoreError?: 'allow' | 'deny' | 'local' | undefined
  /** Milliseconds within which the store must have answered. Default 50, whole, 1 to 60000. */
  readonly deadline?: number | undefined
  /**
   * Maximum number of keys in this process, over all limits of the limiter. Default 100000, at least
   * 100. Further clients share the buckets of wider networks until there is room.
   */
  readonly maxKeys?: number | undefined
  /** The header fields that say where a client stands, by the name of what defines them. */
  readonly headers?: HeaderStyle | false | readonly HeaderStyle[] | undefined
  /** What to answer in place of problem details. */
  readonly answer?: ((decision: RateLimitDecision, request: Request) => Answer) | undefined
  /** Called with every refusal, before the response is sent. For logs and metrics. */
  readonly onRefused?: ((decision: RateLimitDecision, request: Request) => void) | undefined
  /** Called when refusals lead to a ban. */
  readonly onBan?: ((ban: BanMessage) => void) | undefined
  /**
   * Where a ban is entered that began with a limit of networks, as long as it lasts (ten years at
   * most), so that the client is refused before anything is counted. A shadow enters nothing.
   */
  readonly denyList?: DenyList | undefined
  /** Called when the store stops answering and when it answers again. */
  readonly onStoreState?: ((state: StoreState) => void) | undefined
}

/** One limit, or several under `limits`. */
export type RateLimitOptions<Request> = LimiterOptions<Request> &
  (Limit<Request> | { readonly limits: readonly Limit<Request>[] })
