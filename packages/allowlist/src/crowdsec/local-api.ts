import {
  fetchList,
  inSlices,
  jsonOptionalList,
  jsonRecord,
  jsonValue,
  scanJson,
  textOf,
} from '@truehop/identity/adapter'
import { type PlacedDecision, readDecision } from './decision.js'
import type { CrowdSecSettings } from './options.js'

/** As the Local API shows it in `cscli bouncers list`. */
const PRODUCT = 'truehop-allowlist'

/** Milliseconds for a report to be taken. */
const REPORT_DEADLINE = 15_000

/** What has changed since the last look. */
export interface Changes {
  readonly ended: readonly PlacedDecision[]
  readonly begun: readonly PlacedDecision[]
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
   * there is no answer, or one without decisions.
   */
  async decisions(all: boolean): Promise<Changes> {
    const url = this.#url('v1/decisions/stream')
    url.searchParams.set('startup', String(all))
    url.searchParams.set('scopes', 'ip,range')
    const { origins } = this.#settings
    if (origins !== undefined) url.searchParams.set('origins', origins.join(','))
    const answer = await fetchList(url, undefined, this.#closing.signal, this.#headers())
    const changes = { ended: [] as PlacedDecision[], begun: [] as PlacedDecision[] }
    const now = performance.now()
    const absent = 'has no list of decisions'
    const shape = jsonRecord(absent, {
      new: jsonOptionalList(
        absent,
        jsonValue((each) => this.#keep(each, now, changes.begun)),
      ),
      deleted: jsonOptionalList(
        absent,
        jsonValue((each) => this.#keep(each, now, changes.ended)),
      ),
    })
    await inSlices(scanJson(textOf(answer?.bytes ?? []), shape), this.#closing.signal)
    return changes
  }

  /** False where this Local API takes no reports: they came with 1.6.3. Rejects where it has no answer. */
  async report(body: object): Promise<boolean> {
    const response = await fetch(this.#url('v1/usage-metrics'), {
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(REPORT_DEADLINE)]),
    })
    await response.body?.cancel()
    if (response.status === 404 || response.status === 405) return false
    if (!response.ok) throw new Error(`answered ${response.status} to usage metrics`)
    return true
  }

  close(): void {
    this.#closing.abort()
  }

  #keep(value: unknown, now: number, to: PlacedDecision[]): void {
    const placed = readDecision(value, now)
    if (placed !== undefined && this.#settings.types.includes(placed.decision.type)) to.push(placed)
  }

  #url(path: string): URL {
    const { href } = this.#settings.url
    return new URL(path, href.endsWith('/') ? href : `${href}/`)
  }

  #headers(): Record<string, string> {
    return { 'x-api-key': this.#settings.apiKey, 'user-agent': `${PRODUCT}/1` }
  }
}
