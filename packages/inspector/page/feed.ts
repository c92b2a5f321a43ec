import type {
  AnomalyView,
  BucketView,
  ClientView,
  CollapseView,
  DecisionView,
  InstanceView,
  PolicyChangeView,
  PolicyView,
  Update,
} from '../src/view/view.js'
import { type Row, rowOf } from './row.js'

/** What the page knows. As bounded as what the server keeps. */
export interface Feed {
  /** Undefined until something was heard. */
  readonly instance: InstanceView | undefined
  readonly policy: PolicyView | undefined
  readonly history: readonly PolicyChangeView[]
  /** Why the policy may not fit its surroundings. */
  readonly collapses: readonly CollapseView[]
  /** Newest first, and those from before a restart last. */
  readonly rows: readonly Row[]
  /** What came in place of the process that made the last rows. */
  readonly before: { readonly instance: InstanceView; readonly isRestart: boolean } | undefined
  readonly anomalies: readonly AnomalyView[]
  /** Oldest first. */
  readonly activity: readonly BucketView[]
  readonly clients: readonly ClientView[]
  readonly address: Update['address']
  readonly passedOver: number
  readonly bucketMs: number
  /** The server's clock less ours. */
  readonly offset: number
  /** When the last update was made, on the server's clock. */
  readonly toldAt: number
}

export const EMPTY: Feed = {
  instance: undefined,
  policy: undefined,
  history: [],
  collapses: [],
  rows: [],
  before: undefined,
  anomalies: [],
  activity: [],
  clients: [],
  address: 'full',
  passedOver: 0,
  bucketMs: 5000,
  offset: 0,
  toldAt: 0,
}

const BUCKETS = 120

/** The first update of a connection has everything; only what another process made is kept beside it. */
export function begun(known: Feed, update: Update): Feed {
  const { instance } = update
  const isSame = known.instance === undefined || known.instance.id === instance.id
  const kept = known.rows.filter(({ isBefore }) => (isBefore === true) === isSame)
  const rows = kept.map((row) => ({ ...row, isBefore: true }))
  const changed = { instance, isRestart: instance.startedAt > known.toldAt }
  const before = isSame ? known.before : rows.length > 0 ? changed : undefined
  return merged({ ...EMPTY, rows, before }, update)
}

export function merged(known: Feed, update: Update): Feed {
  const { keep, instance } = update
  const current = known.rows.filter(({ isBefore }) => isBefore !== true)
  const before = known.rows.filter(({ isBefore }) => isBefore === true)
  return {
    instance,
    policy: update.policy ?? known.policy,
    history: update.history ?? known.history,
    collapses: update.collapses,
    rows: [
      ...mergedRows(current, update.decisions, instance).slice(0, keep),
      ...before.slice(0, keep),
    ],
    before: known.before,
    anomalies: newestOfEach([...update.anomalies.toReversed(), ...known.anomalies], keep),
    activity: mergedActivity(known.activity, update.activity),
    clients: update.clients,
    address: update.address,
    passedOver: update.passedOver,
    bucketMs: update.bucketMs,
    offset: update.now - Date.now(),
    toldAt: update.now,
  }
}

/** Of anomalies, newest first, as many of each kind as the server keeps. */
function newestOfEach(anomalies: readonly AnomalyView[], keep: number): AnomalyView[] {
  const counts = new Map<AnomalyView['kind'], number>()
  return anomalies.filter(({ kind }) => {
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    return count <= keep
  })
}

/** Decisions of which more became known come again, and stay where they are. */
function mergedRows(
  known: readonly Row[],
  decisions: readonly DecisionView[],
  instance: InstanceView,
): Row[] {
  const news = new Map(decisions.map((decision) => [decision.id, rowOf(instance, decision)]))
  const kept = known.map((row) => {
    const again = news.get(row.decision.id)
    news.delete(row.decision.id)
    return again ?? row
  })
  return [...[...news.values()].toReversed(), ...kept]
}

/** Buckets that grew come again. */
function mergedActivity(known: readonly BucketView[], news: readonly BucketView[]): BucketView[] {
  const [first] = news
  if (first === undefined) return [...known]
  return [...known.filter(({ at }) => at < first.at), ...news].slice(-BUCKETS)
}
