import { ANOMALY_KINDS, type AnomalyKind, type BucketView } from '../view/view.js'

/** Milliseconds of one bucket. */
export const BUCKET_MS = 5000
/** Ten minutes. */
const BUCKETS = 120

interface Bucket {
  at: number
  resolved: number
  denied: number
  limited: number
  anomalies: Record<AnomalyKind, number>
}

/** What happened when, in the last ten minutes: counts only, as many as there are buckets. */
export class Activity {
  readonly #buckets: Bucket[] = []

  /** `by` is -1 to take one back. */
  countResolved(now: number, by: 1 | -1 = 1): void {
    const bucket = this.#bucket(now)
    bucket.resolved = Math.max(0, bucket.resolved + by)
  }

  countRefusal(kind: 'denied' | 'limited', now: number): void {
    this.#bucket(now)[kind]++
  }

  countAnomaly(kind: AnomalyKind, now: number, by: 1 | -1 = 1): void {
    const { anomalies } = this.#bucket(now)
    anomalies[kind] = Math.max(0, anomalies[kind] + by)
  }

  /**
   * Oldest first; stretches in which nothing happened are left out. `since` is the oldest one
   * wanted.
   */
  view(now: number, since = 0): BucketView[] {
    const oldest = Math.max(since, start(now) - (BUCKETS - 1) * BUCKET_MS)
    return this.#buckets.filter(({ at }) => at >= oldest)
  }

  #bucket(now: number): Bucket {
    const at = start(now)
    const last = this.#buckets.at(-1)
    // If the clock was set back, this counts into the existing bucket.
    if (last !== undefined && at <= last.at) return last
    const bucket = { at, resolved: 0, denied: 0, limited: 0, anomalies: noAnomalies() }
    this.#buckets.push(bucket)
    if (this.#buckets.length > BUCKETS) this.#buckets.shift()
    return bucket
  }
}

function start(now: number): number {
  return now - (now % BUCKET_MS)
}

function noAnomalies(): Record<AnomalyKind, number> {
  return Object.fromEntries(ANOMALY_KINDS.map((kind) => [kind, 0])) as Record<AnomalyKind, number>
}
