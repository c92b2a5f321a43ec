import type { ClientIdentity } from '@truehop/identity'
import { guarded } from '@truehop/identity/adapter'
import { brand } from '@truehop/ip'
import type { Breaker, Inquiry } from './breaker.js'
import { chargesOf } from './charge.js'
import { type RateLimitDecision, uncounted } from './decision.js'
import { type Case, Ledger } from './ledger.js'
import type { NamedLimit } from './named-limit.js'
import { openStore } from './open-store.js'
import type { RateLimitOptions } from './options.js'
import type { Quota } from './quota.js'
import { readLimits } from './read-limits.js'

/** Seconds until a store that failed is tried again. */
const RETRY_STORE = 1

const AWAITED: Inquiry = { lapsed: false }

/**
 * Decides requests by client identity, for any framework.
 *
 *   identity ── a charge for each quota that applies ──> store ──> decision
 *                                                          └─ no answer in time: onStoreError
 */
export class RateLimiter<Request = unknown> {
  readonly legacyHeaders: false | 'seconds' | 'epoch'
  readonly #limits: readonly [NamedLimit<Request>, ...NamedLimit<Request>[]]
  readonly #store: Ledger
  readonly #local: Ledger
  readonly #breaker: Breaker | undefined
  readonly #onStoreError: 'allow' | 'deny' | 'local'
  readonly #onRefused: ((decision: RateLimitDecision, request: Request) => void) | undefined

  /** @throws {RateLimitError} for options that could not be honoured as written. */
  constructor(options: RateLimitOptions<Request>) {
    this.#limits = readLimits(options)
    const { store = 'memory', maxKeys = 100_000, legacyHeaders = false } = options
    const quotas = this.#limits.flatMap((limit) => limit.quotas)
    const opened = openStore(store, maxKeys)
    this.#store = new Ledger('store', opened, quotas)
    this.#local = new Ledger('local', opened.insurance(maxKeys), quotas)
    this.#breaker = opened.breaker(options.deadline ?? 50)
    if (options.onStoreState !== undefined) this.#breaker?.onState(options.onStoreState)
    this.#onStoreError = options.onStoreError ?? 'local'
    this.#onRefused =
      options.onRefused === undefined ? undefined : guarded('onRefused', options.onRefused, 'pass')
    this.legacyHeaders = legacyHeaders === true ? 'seconds' : legacyHeaders
  }

  /** Each limit's quota on the client's own network. */
  get quotas(): readonly Quota[] {
    return this.#limits.map(({ quotas }) => quotas[0])
  }

  /**
   * Counts one request and decides it, at once where nobody else has to be asked. `request` is
   * for `key`, `cost`, `skip` and `onRefused`; nothing else here looks at it.
   *
   * Throws, or rejects with, what those functions throw, and nothing else. What an asynchronous
   * `onRefused` rejects with becomes a process warning.
   */
  decide(
    identity: ClientIdentity,
    request: Request,
  ): RateLimitDecision | Promise<RateLimitDecision> {
    const client = this.#limits[0].quotas[0].keyOf(identity)
    const charges = chargesOf(this.#limits, identity, client, request)
    if (charges.length === 0) return uncounted(identity, client, [], 'not-counted', 0)
    const decision = this.#decide({ identity, client, charges })
    if (!(decision instanceof Promise)) return this.#told(decision, request)
    return this.#onRefused === undefined
      ? decision
      : decision.then((decided) => this.#told(decided, request))
  }

  #told(decision: RateLimitDecision, request: Request): RateLimitDecision {
    if (!decision.admitted) this.#onRefused?.(decision, request)
    return decision
  }

  #decide(asked: Case): RateLimitDecision | Promise<RateLimitDecision> {
    const breaker = this.#breaker
    if (breaker === undefined) return this.#store.settle(asked, AWAITED)
    if (breaker.isOpen) return this.#unanswered(asked)
    return breaker.ask(
      (inquiry) => this.#store.settle(asked, inquiry),
      () => this.#unanswered(asked),
    )
  }

  #unanswered(asked: Case): RateLimitDecision | Promise<RateLimitDecision> {
    if (this.#onStoreError === 'local') return this.#local.settle(asked, AWAITED)
    const retryAfter = this.#onStoreError === 'deny' ? RETRY_STORE : 0
    const quotas = asked.charges.map(({ quota }) => quota).filter(({ wide }) => !wide)
    return uncounted(asked.identity, asked.client, quotas, 'store-error', retryAfter)
  }
}

brand(RateLimiter, 'RateLimiter/1')
