import { inSlices, Pace } from '@truehop/identity/adapter'
import type { Address } from '@truehop/ip'
import { brand, type Slices } from '@truehop/ip/internal'
import { wallTime } from '../wall-time.js'
import type { CrowdSecDecision, HeldDecision, PlacedDecision } from './decision.js'
import { HeldDecisions } from './held-decisions.js'
import { LocalApi } from './local-api.js'
import { type CrowdSecOptions, type CrowdSecSettings, readCrowdSecOptions } from './options.js'
import { kindIn, UsageMetrics } from './usage-metrics.js'

/** Looks without an answer after which the decisions are called stale. */
const STALE_AFTER = 6

/** The state of the decisions, as that of other live ranges. */
export interface CrowdSecStatus {
  readonly name: string
  /** Addresses and ranges held. */
  readonly size: number
  readonly version: undefined
  /** When the Local API answered last, in milliseconds since 1970. */
  readonly updatedAt: number
  /** Whether it has not answered for six looks. */
  readonly stale: boolean
  /** Why the last look failed; undefined where it did not. */
  readonly lastError: string | undefined
}

/**
 * Decisions of CrowdSec as a source for lists: all of them at start-up, then what has changed. While
 * the Local API is away what was known stays in force, until each decision expires.
 */
export class CrowdSecDecisions {
  readonly name: string
  /** Settles when the decisions have been read for the first time; rejects where that failed. */
  readonly ready: Promise<void>
  readonly #settings: CrowdSecSettings
  readonly #api: LocalApi
  readonly #pace: Pace
  readonly #metrics: UsageMetrics
  #held: HeldDecisions
  /** Whether the Local API knows what was read last, and can say what has changed since. */
  #isCurrent = false
  #failures = 0
  #lastError: string | undefined
  #updatedAt = 0
  /** This and the next one on the clock of `performance.now()`. */
  #answeredAt = Number.NEGATIVE_INFINITY
  #reportedAt = performance.now()
  #takesReports: boolean
  #looking: Promise<void> | undefined
  #isClosed = false

  constructor(options: CrowdSecOptions) {
    this.#settings = readCrowdSecOptions(options)
    const { name, interval, maxEntries, usageMetrics } = this.#settings
    this.name = name
    this.#api = new LocalApi(this.#settings)
    this.#pace = new Pace(interval)
    this.#held = new HeldDecisions(maxEntries)
    this.#takesReports = usageMetrics
    this.#metrics = new UsageMetrics(name, ({ decision: { identity } }) =>
      identity.status === 'resolved'
        ? this.#held.match(identity.address, performance.now())
        : undefined,
    )
    this.ready = this.refresh()
    // Whoever does not wait for it sees the failure in status().
    this.ready.catch(() => {})
  }

  has(address: Address): boolean {
    return this.match(address) !== undefined
  }

  /** The decision on an address: that of the narrowest range. */
  match(address: Address): CrowdSecDecision | undefined {
    this.#metrics.count()
    const decision = this.#held.match(address, performance.now())
    return decision === undefined ? undefined : shown(decision)
  }

  /** Addresses and ranges with a decision in force. */
  *entries(): Generator<string> {
    for (const { entry } of this.#held.values(performance.now())) yield entry
  }

  /** The decisions in force. */
  *details(): Generator<CrowdSecDecision> {
    for (const decision of this.#held.values(performance.now())) yield shown(decision)
  }

  status(): CrowdSecStatus {
    const age = performance.now() - this.#answeredAt
    return {
      name: this.name,
      size: this.#held.size,
      version: undefined,
      updatedAt: this.#updatedAt,
      stale: age > STALE_AFTER * this.#settings.interval * 1000,
      lastError: this.#lastError,
    }
  }

  /** Looks at the Local API now. Rejects where that fails; what is in force stays. */
  refresh(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
      if (!this.#isClosed)
        this.#pace.next(this.#failures, () => void this.refresh().catch(() => {}))
    })
    return this.#looking
  }

  /** Ends looking at the Local API. The decisions stay until they expire. */
  close(): void {
    this.#isClosed = true
    this.#pace.stop()
    this.#metrics.close()
    this.#api.close()
  }

  async #look(): Promise<void> {
    try {
      await this.#read()
      this.#failures = 0
      this.#updatedAt = Date.now()
      this.#answeredAt = performance.now()
      this.#lastError =
        this.#held.left > 0 ? `${this.#held.left} decisions found no room` : undefined
    } catch (error) {
      this.#failures++
      // An answer that was not read to its end may have said what no later one says again.
      this.#isCurrent = false
      this.#lastError = messageOf(error)
      throw new Error(`decisions of ${this.name}: ${this.#lastError}`, { cause: error })
    }
    if (this.#takesReports) await this.#report()
  }

  async #read(): Promise<void> {
    if (!this.#isCurrent || !(await this.#change())) await this.#readWhole()
    this.#isCurrent = true
  }

  async #readWhole(): Promise<void> {
    const held = new HeldDecisions(this.#settings.maxEntries)
    await this.#api.decisions(true, { begun: (each) => held.begin(each), ended: () => {} })
    this.#held = held
  }

  /** False, with nothing changed, for more changes than decisions are held: whole, they need less. */
  async #change(): Promise<boolean> {
    const [ended, begun]: [PlacedDecision[], PlacedDecision[]] = [[], []]
    let isTooMuch = false
    const keptIn = (list: PlacedDecision[]) => (each: PlacedDecision) => {
      if (list.length < this.#settings.maxEntries) list.push(each)
      else isTooMuch = true
    }
    await this.#api.decisions(false, { ended: keptIn(ended), begun: keptIn(begun) })
    if (isTooMuch) return false
    await inSlices(this.#held.change(ended, begun))
    return true
  }

  /** Counts stay where the Local API does not take them, and go with the next report. */
  async #report(): Promise<void> {
    const now = performance.now()
    if (now - this.#reportedAt < this.#settings.metricsInterval * 1000) return
    this.#reportedAt = now
    const active = await inSlices(byOrigin(this.#held, now))
    try {
      this.#takesReports = await this.#api.report(this.#metrics.report(active, now))
      this.#metrics.begin(now)
    } catch (error) {
      this.#lastError = messageOf(error)
    }
  }
}

brand(CrowdSecDecisions, 'CrowdSecDecisions/1')

/**
 * Follows the decisions of a Local API of CrowdSec, as one of its remediation components. Throws
 * `AllowlistError` for bad options; where the API cannot be reached, `ready` rejects.
 */
export function crowdsecDecisions(options: CrowdSecOptions): CrowdSecDecisions {
  return new CrowdSecDecisions(options)
}

function* byOrigin(held: HeldDecisions, now: number): Slices<Map<string, number>> {
  const counts = new Map<string, number>()
  let done = 0
  for (const { origin } of held.values(now)) {
    const kind = kindIn(counts, origin, 'others')
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    if (++done % 1000 === 0) yield
  }
  return counts
}

function shown({ until, ...decision }: HeldDecision): CrowdSecDecision {
  return { ...decision, expires: wallTime(until) }
}

/** `fetch failed` says nothing without its cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
