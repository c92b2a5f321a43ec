import type { VNode } from 'preact'
import {
  ANOMALY_KINDS,
  type AnomalyKind,
  type AnomalyView,
  type BucketView,
} from '../src/view/view.js'
import type { Feed } from './feed.js'
import { clock } from './moments.js'
import { Plot, type Series } from './plot.js'
import { ANOMALY_NAMES } from './words.js'

const ODD: readonly AnomalyKind[] = ANOMALY_KINDS.filter(
  (kind) => kind !== 'refused' && kind !== 'undetermined',
)

const SHOWN = 30

/** Decisions, anomalies and refused connections over time, and the anomalies one by one. */
export function Activity({ feed, now }: { feed: Feed; now: number }): VNode {
  const { activity, anomalies, bucketMs } = feed
  const draw = (title: string, series: readonly Series[]) => (
    <Plot title={title} series={series} buckets={activity} bucketMs={bucketMs} now={now} />
  )
  return (
    <>
      <div class="plots">
        {draw('Decisions', [
          { name: 'resolved', className: 'resolved', count: ({ resolved }) => resolved },
          anomaly('undetermined'),
        ])}
        {draw('Anomalies', ODD.map(anomaly))}
        {draw('Refused connections', [anomaly('refused')])}
      </div>
      <Anomalies anomalies={anomalies} />
    </>
  )
}

function anomaly(kind: AnomalyKind): Series {
  return {
    name: ANOMALY_NAMES[kind],
    className: kind,
    count: ({ anomalies }: BucketView) => anomalies[kind],
  }
}

function Anomalies({ anomalies }: { anomalies: readonly AnomalyView[] }): VNode {
  if (anomalies.length === 0) return <p class="quiet">Nothing odd has been seen.</p>
  return (
    <details class="anomalies" open>
      <summary>Anomalies and refused connections, newest first</summary>
      <ul>
        {grouped(anomalies)
          .slice(0, SHOWN)
          .map(({ newest: { id, at, kind, what, peer, detail }, count }) => (
            <li key={id}>
              <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
              <span class="badge warning">{ANOMALY_NAMES[kind]}</span>
              <code>{what}</code>
              {peer !== undefined && <span>from {peer}</span>}
              {count > 1 && <span class="badge">{count} times</span>}
              {detail !== undefined && <span class="quiet">{detail}</span>}
            </li>
          ))}
      </ul>
    </details>
  )
}

interface Group {
  readonly newest: AnomalyView
  readonly count: number
}

/** The same from the same peer is one: a scan would push everything else out of sight. */
function grouped(anomalies: readonly AnomalyView[]): Group[] {
  const groups = new Map<string, Group>()
  for (const anomaly of anomalies) {
    const { kind, what, peer, detail } = anomaly
    // What is said of a refused connection names its port, which each has for itself.
    const key = JSON.stringify([kind, what, peer, kind === 'refused' ? '' : detail])
    const known = groups.get(key)
    groups.set(key, { newest: known?.newest ?? anomaly, count: (known?.count ?? 0) + 1 })
  }
  return [...groups.values()]
}
