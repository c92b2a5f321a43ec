import {
  fetchList,
  inSlices,
  jsonOptionalList,
  jsonRecord,
  jsonValue,
  scanJson,
  textOf,
  withDeadline,
} from '@truehop/identity/adapter'
import { type PlacedDecision, readDecision } from './decision.js'
import type { CrowdSecSettings } from './options.js'

/** As the Local API shows it in `cscli bouncers list`. */
const PRODUCT = 'truehop-allowlist'

/** Milliseconds for a report to be taken. */
const REPORT_DEADLINE = 15_000

/** Gets decisions as they are read: an answer may have a million. */
export interface Taker {
  ended(placed: PlacedDecision): void
  begun(placed: PlacedDecision): void
}

/** The Local API of CrowdSec, as a remediation component sees it. */
export class LocalApi {
  readonly #settings: CrowdSecSettings
  readonly #closing = new AbortController()

  constructor(settings: CrowdSecSettings) {
    this.#settings = settings
  }

  /**
   * All decisions, or what has changed since the last answer. Bounded in size and time. Rejects where
   * there is no answer, or one without decisions, some of which may have been taken.
   */
  async decisions(all: boolean, taker: Taker): Promise<void> {
    const url = this.#url('v1/decisions/stream')
    url.searchParams.set('startup', String(all))
    url.searchParams.set('scopes', 'ip,range')
    const { origins } = this.#settings
    if (origins !== undefined) url.searchParams.set('origins', origins.join(','))
    const answer = await fetchList(url, undefined, this.#closing.signal, this.#headers())
    const now = performance.now()
    const absent = 'has no list of decisions'
    const shape = jsonRecord(absent, {
      new: jsonOptionalList(
        absent,
        jsonValue((each) => {
          const placed = this.#read(each, now)
          // One that is over already takes no room.
          if (placed !== undefined && placed.decision.until > now) taker.begun(placed)
        }),
      ),
      deleted: jsonOptionalList(
        absent,
        jsonValue((each) => {
          const placed = this.#read(each, now)
          if (placed !== undefined) taker.ended(placed)
        }),
      ),
    })
    await inSlices(scanJson(textOf(answer?.bytes ?? []), shape), this.#closing.signal)
  }

  /** False where this Local API takes no reports: they came with 1.6.3. Rejects where it has no answer. */
  report(body: object): Promise<boolean> {
    return withDeadline(REPORT_DEADLINE, this.#closing.signal, (signal) => this.#send(body, signal))
  }

  async #send(body: object, signal: AbortSignal): Promise<boolean> {
    const response = await fetch(this.#url('v1/usage-metrics'), {
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal,
    })
    await response.body?.cancel()
    if (response.status === 404 || response.status === 405) return false
    if (!response.ok) throw new Error(`answered ${response.status} to usage metrics`)
    return true
  }

  close(): void {
    this.#closing.abort()
  }

  /** Undefined for what does not count here. */
  #read(value: unknown, now: number): PlacedDecision | undefined {
    const placed = readDecision(value, now)
    const counts = placed !== undefined && this.#settings.types.includes(placed.decision.type)
    return counts ? placed : undefined
  }

  #url(path: string): URL {
    const { href } = this.#settings.url
    return new URL(path, href.endsWith('/') ? href : `${href}/`)
  }

  #headers(): Record<string, string> {
    return { 'x-api-key': this.#settings.apiKey, 'user-agent': `${PRODUCT}/1` }
  }
}
