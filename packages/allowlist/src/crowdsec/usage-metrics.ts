import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { release, type as systemName } from 'node:os'
import { DECISION_CHANNEL, type DecisionMessage } from '../channels.js'
import type { HeldDecision } from './decision.js'

/** Origins with types and families that are counted apart; those beyond count together. */
const MOST_KINDS = 256

interface Item {
  readonly name: string
  readonly unit: string
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

/** Counts what decisions brought about, for the Local API. */
export class UsageMetrics {
  readonly #source: string
  readonly #decisionOn: (message: DecisionMessage) => HeldDecision | undefined
  readonly #startedAt = Date.now()
  /** On the clock of `performance.now()`. */
  #since = performance.now()
  #processed = 0
  #dropped = new Map<string, number>()

  constructor(source: string, decisionOn: (message: DecisionMessage) => HeldDecision | undefined) {
    this.#source = source
    this.#decisionOn = decisionOn
    subscribe(DECISION_CHANNEL, this.#hear)
  }

  /** A client was looked for among the decisions. */
  count(): void {
    this.#processed++
  }

  /**
   * What was counted since the last report, in the form of `POST /v1/usage-metrics`. `now` is on the
   * clock of `performance.now()`.
   */
  report(active: ReadonlyMap<string, number>, now: number): object {
    const items: Item[] = [
      { name: 'processed', unit: 'request', value: this.#processed },
      ...[...this.#dropped].map(([kind, value]) => droppedItem(kind, value)),
      ...[...active].map(([origin, value]) => ({
        name: 'active_decisions',
        unit: 'ip',
        value,
        labels: { origin },
      })),
    ]
    const seconds = Math.max(1, Math.round((now - this.#since) / 1000))
    const meta = {
      window_size_seconds: seconds,
      utc_now_timestamp: Math.floor(Date.now() / 1000),
    }
    const component = {
      type: 'truehop-allowlist',
      version: '1',
      utc_startup_timestamp: Math.floor(this.#startedAt / 1000),
      os: { name: systemName(), version: release() },
      feature_flags: [],
      metrics: [{ meta, items }],
    }
    return { remediation_components: [component], log_processors: [] }
  }

  /** A report was taken. */
  begin(now: number): void {
    this.#since = now
    this.#processed = 0
    this.#dropped = new Map()
  }

  close(): void {
    unsubscribe(DECISION_CHANNEL, this.#hear)
  }

  readonly #hear = (message: unknown): void => {
    const told = message as DecisionMessage
    const { source, allowed, enforced, client } = told.decision
    if (source !== this.#source || allowed || !enforced) return
    const decision = this.#decisionOn(told)
    if (decision === undefined) return
    const family = client.includes(':') ? 'ipv6' : 'ipv4'
    const kind = [decision.origin, decision.type, family].join('\n')
    const counted = kindIn(this.#dropped, kind, ['others', '', ''].join('\n'))
    this.#dropped.set(counted, (this.#dropped.get(counted) ?? 0) + 1)
  }
}

/** The kind to count under: another one where so many are counted. */
export function kindIn(counts: ReadonlyMap<string, number>, kind: string, others: string): string {
  return counts.has(kind) || counts.size < MOST_KINDS ? kind : others
}

function droppedItem(kind: string, value: number): Item {
  const [origin = '', remediation = '', family = ''] = kind.split('\n')
  const labels = { origin, remediation, ip_type: family }
  return { name: 'dropped', unit: 'request', value, labels }
}
