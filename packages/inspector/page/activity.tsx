import type { VNode } from 'preact'
import { ANOMALY_KINDS, type AnomalyKind, type BucketView } from '../src/view/view.js'
import type { Feed } from './feed.js'
import { Plot, type Series } from './plot.js'
import { ANOMALY_NAMES } from './words.js'

const ODD: readonly AnomalyKind[] = ANOMALY_KINDS.filter(
  (kind) => kind !== 'refused' && kind !== 'undetermined',
)

/** Decisions, refusals and anomalies over time. */
export function Activity({ feed, now }: { feed: Feed; now: number }): VNode {
  const { activity, bucketMs } = feed
  const draw = (title: string, series: readonly Series[]) => (
    <Plot title={title} series={series} buckets={activity} bucketMs={bucketMs} now={now} />
  )
  return (
    <div class="plots">
      {draw('Decisions', [
        { name: 'resolved', className: 'resolved', count: ({ resolved }) => resolved },
        anomaly('undetermined'),
      ])}
      {draw('Refused', [
        { name: 'denied requests', className: 'denied', count: ({ denied }) => denied },
        { name: 'limited requests', className: 'limited', count: ({ limited }) => limited },
        { ...anomaly('refused'), name: 'connections' },
      ])}
      {draw('Anomalies', ODD.map(anomaly))}
    </div>
  )
}

function anomaly(kind: AnomalyKind): Series {
  return {
    name: ANOMALY_NAMES[kind],
    className: kind,
    count: ({ anomalies }: BucketView) => anomalies[kind],
  }
}
