import { type Instrument, type Metrics, type Reading, Tally } from '@truehop/ip/internal'
import type { Decision, DecisionReason } from './decision.js'
import type { LiveSource } from './live-source.js'

const DECISIONS: Instrument = {
  name: 'truehop.allowlist.decisions',
  kind: 'counter',
  unit: '{decision}',
  description: 'Requests that an allowlist decided',
}
const ENTRIES: Instrument = {
  name: 'truehop.allowlist.entries',
  kind: 'up-down-counter',
  unit: '{entry}',
  description: 'Prefixes in a list, from all its sources',
}
const AGE: Instrument = {
  name: 'truehop.allowlist.source.age',
  kind: 'gauge',
  unit: 's',
  description: 'Time since a live source of a list was last known to be current',
}
const STALE: Instrument = {
  name: 'truehop.allowlist.source.stale',
  kind: 'gauge',
  unit: '1',
  description: '1 if a live source is older than it should be, otherwise 0',
}

const PENDING: Instrument = {
  name: 'truehop.allowlist.source.pending',
  kind: 'up-down-counter',
  unit: '{change}',
  description: 'Changes of this instance that the store of shared entries does not have yet',
}

/** One of the two lists of an allowlist. */
export interface Listed {
  readonly list: 'allow' | 'deny'
  readonly size: number
  readonly sources: readonly LiveSource[]
}

/** What one allowlist has decided and contains. Attributes are reasons, and configured names. */
export class ListMetrics implements Metrics {
  readonly instruments = [DECISIONS, ENTRIES, AGE, STALE, PENDING]
  readonly #name: string
  readonly #enforced: boolean
  readonly #listed: () => readonly Listed[]
  readonly #reasons = new Tally<DecisionReason>()

  constructor(name: string, enforced: boolean, listed: () => readonly Listed[]) {
    this.#name = name
    this.#enforced = enforced
    this.#listed = listed
  }

  count({ reason }: Decision): void {
    this.#reasons.add(reason)
  }

  *read(): Iterable<Reading> {
    const name = { 'truehop.allowlist.name': this.#name }
    for (const [reason, count] of this.#reasons.entries()) {
      const enforced = { 'truehop.allowlist.enforced': this.#enforced }
      yield [DECISIONS, count, { ...name, ...enforced, 'truehop.allowlist.reason': reason }]
    }
    for (const { list, size, sources } of this.#listed()) {
      const attributes = { ...name, 'truehop.allowlist.list': list }
      yield [ENTRIES, size, attributes]
      for (const source of sources) yield* readSource(source, attributes)
    }
  }
}

function* readSource(
  source: LiveSource,
  list: Readonly<Record<string, string>>,
): Iterable<Reading> {
  const { updatedAt, stale, pending } = source.status?.() ?? {}
  const attributes = { ...list, 'truehop.allowlist.source': source.name }
  if (updatedAt !== undefined) yield [AGE, (Date.now() - updatedAt) / 1000, attributes]
  if (stale !== undefined) yield [STALE, stale ? 1 : 0, attributes]
  if (pending !== undefined) yield [PENDING, pending, attributes]
}
