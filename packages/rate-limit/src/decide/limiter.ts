import type { ClientIdentity } from '@truehop/identity'
import { guarded } from '@truehop/identity/adapter'
import { brand, type Metrics } from '@truehop/ip/internal'
import type { NamedLimit } from '../limits/named-limit.js'
import type { Outcome, Answer as OwnAnswer, RateLimitOptions } from '../limits/options.js'
import type { Quota } from '../limits/quota.js'
import { MAX_WINDOW } from '../limits/quota-plan.js'
import { readLimits } from '../limits/read-limits.js'
import { LimiterMetrics } from '../metrics/limiter-metrics.js'
import { enterBan } from '../respond/ban.js'
import { type BanMessage, publishBan } from '../respond/channels.js'
import type { HeaderStyle } from '../respond/header-fields.js'
import type { Group, Guard } from '../store/guard.js'
import { MemoryStore } from '../store/memory-store.js'
import { openStore } from '../store/open-store.js'
import { type Act, type Answer, ONE_PLACE, type Store } from '../store/store.js'
import { type Charge, type Charges, chargesOf } from './charge.js'
import {
  type CountedBy,
  decisionOf,
  notCounted,
  type RateLimitDecision,
  type Standing,
  standingOf,
} from './decision.js'
import { keptUnits } from './outcome.js'
import { areAll, askedOf, correct, isLeft, type Part } from './part.js'
import { ANY_TIME, type Count } from './rule.js'
import { wholeSeconds } from './seconds.js'
import { chargesOfSubject, type Subject } from './subject.js'

const TAKE: Act = { do: 'take' }
/** Seconds until a store that failed is tried again. */
const RETRY_STORE = 1

/** One request on its way through the limits. */
interface Asking<Request> extends Charges<Request> {
  readonly identity: ClientIdentity
  readonly request: Request
}

/**
 * Decides requests by client identity, for any framework.
 *
 *   identity ── a charge for each quota that applies ──> store ──> decision ──> settle
 *                                                          └─ no answer in time: onStoreError
 */
export class RateLimiter<Request = unknown> {
  readonly headers: readonly HeaderStyle[]
  readonly answer: ((decision: RateLimitDecision, request: Request) => OwnAnswer) | undefined
  /** For `observe` of `@truehop/identity/opentelemetry`. */
  readonly metrics: readonly Metrics[]
  readonly #counts = new LimiterMetrics()
  readonly #limits: readonly [NamedLimit<Request>, ...NamedLimit<Request>[]]
  readonly #store: Store
  readonly #guard: Guard | undefined
  readonly #insurance: MemoryStore
  readonly #onStoreError: 'allow' | 'deny' | 'local'
  readonly #onRefused: ((decision: RateLimitDecision, request: Request) => void) | undefined
  readonly #onBan: (ban: BanMessage) => void
  readonly #deny: (ban: BanMessage) => void
  readonly #failedOutcome: (error: unknown) => void
  /** What was charged for requests whose outcome matters, until it is known. */
  readonly #open = new WeakMap<RateLimitDecision, readonly Part<Request>[]>()
  readonly #settles: boolean

  /** @throws {RateLimitError} for options that could not be honoured as written. */
  constructor(options: RateLimitOptions<Request>) {
    const { limits, settings } = readLimits(options)
    this.#limits = limits
    const opened = openStore(settings.store, settings.maxKeys)
    for (const plan of limits.flatMap(({ plans }) => plans)) opened.names.claim(plan)
    this.#store = opened.store
    // A store of this process answers at once, and cannot fail.
    const isLocal = opened.store instanceof MemoryStore
    this.#guard = isLocal ? undefined : opened.guard(settings.deadline)
    this.#insurance = opened.insurance(settings.maxKeys)
    this.metrics = [this.#counts, ...metricsOf(this.#store, this.#guard, this.#insurance)]
    if (options.onStoreState !== undefined) this.#guard?.onState(options.onStoreState)
    this.#onStoreError = settings.onStoreError
    this.#onRefused =
      options.onRefused === undefined ? undefined : guarded('onRefused', options.onRefused, 'pass')
    this.#onBan = guarded('onBan', options.onBan)
    const { denyList } = settings
    this.#deny = guarded('denyList', denyList && ((ban: BanMessage) => enterBan(denyList, ban)))
    this.#failedOutcome = guarded('charge', (error: unknown) => Promise.reject(error))
    this.answer = options.answer
    this.headers = settings.headers
    this.#settles = limits.some(({ charge, concurrent }) => charge !== undefined || concurrent)
  }

  /** Each limit's quota on the client's own network, if it is the same for every request. */
  get quotas(): readonly Quota[] {
    return this.#limits.flatMap(({ plans }) => plans[0].fixed ?? [])
  }

  /** True if `settle` must be called when a request has been answered. */
  get settles(): boolean {
    return this.#settles
  }

  /**
   * Counts one request and decides it, synchronously if no store has to be called. `request` is for
   * the functions among the options; nothing else here looks at it.
   *
   * Throws, or rejects with, only what those functions throw. What an asynchronous `onRefused`
   * rejects with becomes a process warning.
   */
  decide(
    identity: ClientIdentity,
    request: Request,
  ): RateLimitDecision | Promise<RateLimitDecision> {
    const charges = chargesOf(this.#limits, identity, request)
    if (charges.list.length === 0) {
      const decision = notCounted(identity, charges.client)
      this.#counts.count(decision, [])
      return decision
    }
    const { client, list } = charges
    const asking: Asking<Request> = { client, list, identity, request }
    const guard = this.#guard
    if (guard === undefined) {
      return this.#decided(asking, [this.#counted(asking.list, this.#store, 'store')])
    }
    const groups = guard.groups(asking.list)
    const [only] = groups
    if (only !== undefined && groups.length === 1) {
      const said = this.#asked(guard, only)
      if (!(said instanceof Promise)) return this.#decided(asking, [this.#partOf(only, said)])
      return said.then((answer) => this.#decided(asking, [this.#partOf(only, answer)]))
    }
    const parts = groups.map((group) => this.#ask(guard, group))
    if (areAll(parts)) return this.#decided(asking, parts)
    return Promise.all(parts).then((answered) => this.#decided(asking, answered))
  }

  /**
   * Reports how a request that `decide` decided has ended; units that it did not use are given
   * back. For limits with `charge` or `concurrent`; further calls for the same decision do nothing.
   */
  settle(decision: RateLimitDecision, outcome: Outcome<Request>): void {
    const parts = this.#open.get(decision)
    if (parts === undefined) return
    this.#open.delete(decision)
    for (const part of parts) this.#settlePart(part, outcome)
  }

  /** Where a subject stands. Rejects if the store gives no answer, as do the next three. */
  async peek(subject: Subject<Request>): Promise<Standing[]> {
    const { charges, counts } = await this.#operate({ do: 'peek' }, subject)
    return charges.flatMap(({ quota }, i) => {
      const count = counts[i]
      return count === undefined ? [] : [standingOf(quota, count, count.wait > 0)]
    })
  }

  /** Forgets what a subject has used, including its bans. */
  async reset(subject: Subject<Request>): Promise<void> {
    await this.#operate({ do: 'reset' }, subject)
  }

  /** Refuses a subject for this many seconds, whatever it has used. */
  async block(subject: Subject<Request>, seconds: number): Promise<void> {
    if (!(seconds > 0 && seconds <= MAX_WINDOW)) {
      throw new RangeError(`seconds must be above 0 and at most ${MAX_WINDOW}, got ${seconds}`)
    }
    await this.#operate({ do: 'ban', length: seconds * 1000 }, subject)
  }

  /** Gives back units to a subject, starting with those it used last. */
  async reward(subject: Subject<Request>, units: number): Promise<void> {
    if (!Number.isInteger(units) || units < 1) {
      throw new RangeError(`units must be an integer of at least 1, got ${units}`)
    }
    await this.#operate({ do: 'refund', since: ANY_TIME }, subject, units)
  }

  async #operate(act: Act, subject: Subject<Request>, units = 1) {
    const charges = chargesOfSubject(this.#limits, subject).map((each) => each.withCost(units))
    const counts: (Count | undefined)[] = []
    for (const charge of charges) {
      const answer = await this.#operateOne(act, charge)
      if (answer === undefined) throw new Error('the store gave no answer')
      counts.push(answer.counts[0])
    }
    return { charges, counts }
  }

  #operateOne(act: Act, charge: Charge<Request>) {
    const guard = this.#guard
    if (guard === undefined) return this.#store.ask(act, [charge], ONE_PLACE)
    const [group] = guard.groups([charge])
    return group === undefined ? undefined : guard.ask(act, group)
  }

  #settlePart(part: Part<Request>, outcome: Outcome<Request>): void {
    const unused: Charge<Request>[] = []
    const beyond: Charge<Request>[] = []
    for (const [i, charge] of part.charges.entries()) {
      if (isLeft(part, i)) continue
      const kept = this.#kept(charge, outcome)
      if (kept < charge.cost) unused.push(charge.withCost(charge.cost - kept))
      if (kept > charge.cost) beyond.push(charge.withCost(kept - charge.cost))
    }
    const since = part.answer?.at ?? 0
    correct(this.#books, part, unused, { do: 'refund', since })
    correct(this.#books, part, beyond, { do: 'charge' })
  }

  /** What stays used. A function that fails gives nothing back. */
  #kept(charge: Charge<Request>, outcome: Outcome<Request>): number {
    try {
      return keptUnits(charge, outcome)
    } catch (error) {
      this.#failedOutcome(error)
      return charge.cost
    }
  }

  #asked(guard: Guard, group: Group<Charge<Request>>): ReturnType<Guard['ask']> {
    // If the request was allowed all the same, what it took stays taken.
    if (this.#onStoreError === 'allow') return guard.ask(TAKE, group)
    return guard.ask(TAKE, group, (answer) => this.#undo(this.#partOf(group, answer)))
  }

  #ask(guard: Guard, group: Group<Charge<Request>>): Part<Request> | Promise<Part<Request>> {
    const said = this.#asked(guard, group)
    if (said instanceof Promise) return said.then((answer) => this.#partOf(group, answer))
    return this.#partOf(group, said)
  }

  /** If a store gave no answer, this process may count in its place. */
  #partOf(group: Group<Charge<Request>>, answer: Answer | undefined): Part<Request> {
    const { lines: charges, place } = group
    if (answer !== undefined) return { charges, place, by: 'store', answer }
    if (this.#onStoreError === 'local') return this.#counted(charges, this.#insurance, 'local')
    return { charges, place, by: 'nobody', answer: undefined }
  }

  #counted(charges: readonly Charge<Request>[], store: Store, by: CountedBy): Part<Request> {
    const answer = store.ask(TAKE, charges, ONE_PLACE)
    if (answer instanceof Promise) throw new Error('a store of this process answers at once')
    return { charges, place: ONE_PLACE, by, answer }
  }

  #decided(asking: Asking<Request>, parts: readonly Part<Request>[]): RateLimitDecision {
    const { identity, client, request } = asking
    const unanswered = parts.some(({ by }) => by === 'nobody')
    const by = unanswered ? 'nobody' : parts.some((part) => part.by === 'local') ? 'local' : 'store'
    const closed = unanswered && this.#onStoreError === 'deny' ? RETRY_STORE : 0
    const asked = askedOf(parts)
    const refused = parts.some(({ answer }) => answer?.done === false)
    const decision = decisionOf({ identity, client, asked, by, closed, refused })
    this.#counts.count(decision, asked)
    // All or nothing, even over several places: what one refused, the others give back.
    if (!decision.allowed && parts.length > 1) for (const part of parts) this.#undo(part)
    if (decision.allowed && this.#settles) this.#open.set(decision, parts)
    for (const part of parts) this.#announce(part, identity)
    if (!decision.allowed) this.#onRefused?.(decision, request)
    return decision
  }

  /** Gives back what a request took if it was refused elsewhere. */
  #undo(part: Part<Request>): void {
    if (part.answer?.done !== true) return
    const taken = part.charges.filter((_charge, i) => !isLeft(part, i))
    correct(this.#books, part, taken, { do: 'refund', since: part.answer.at })
  }

  get #books() {
    const memory = this.#guard === undefined ? this.#store : this.#insurance
    return { guard: this.#guard, memory }
  }

  #announce({ charges, answer }: Part<Request>, identity: ClientIdentity): void {
    for (const i of answer?.banned ?? []) {
      const [charge, count] = [charges[i], answer?.counts[i]]
      if (charge === undefined || count === undefined) continue
      const { name: limit } = charge.quota
      this.#counts.countBan(limit)
      const seconds = wholeSeconds(count.banned)
      const { text: key, kind } = charge.key
      const { shadow } = charge
      const ban: BanMessage = { limit, key, isNetwork: kind !== 0, shadow, identity, seconds }
      publishBan(ban)
      this.#onBan(ban)
      if (ban.isNetwork && !shadow) this.#deny(ban)
    }
  }
}

/** Those of a store and its guard are shared by all limiters that count there. */
function metricsOf(store: Store, guard: Guard | undefined, insurance: MemoryStore): Metrics[] {
  if (guard !== undefined) return [guard.metrics, insurance.metrics]
  return store instanceof MemoryStore ? [store.metrics] : []
}

brand(RateLimiter, 'RateLimiter/1')
