import { useEffect, useState } from 'preact/hooks'
import type {
  AnomalyView,
  BucketView,
  ClientView,
  CollapseView,
  DecisionView,
  PolicyView,
  Update,
} from '../src/view/view.js'

export type Connection = 'connecting' | 'live' | 'lost'

/** What the page knows. As bounded as what the server keeps. */
export interface Feed {
  readonly connection: Connection
  readonly policy: PolicyView | undefined
  /** Why the policy may not fit its surroundings. */
  readonly collapses: readonly CollapseView[]
  /** Newest first. */
  readonly decisions: readonly DecisionView[]
  readonly anomalies: readonly AnomalyView[]
  /** Oldest first. */
  readonly activity: readonly BucketView[]
  readonly clients: readonly ClientView[]
  readonly address: Update['address']
  readonly passedOver: number
  readonly bucketMs: number
  /** The server's clock less ours. */
  readonly offset: number
}

const EMPTY: Feed = {
  connection: 'connecting',
  policy: undefined,
  collapses: [],
  decisions: [],
  anomalies: [],
  activity: [],
  clients: [],
  address: 'full',
  passedOver: 0,
  bucketMs: 5000,
  offset: 0,
}

const BUCKETS = 120
/** Milliseconds before the next attempt where the server refused the stream. */
const RETRY_MS = 5000

/**
 * The stream of the server, for as long as the component lives and the page can be seen: a browser
 * opens six connections to a server, and six forgotten tabs would leave none for the next.
 */
export function useFeed(url: string): Feed {
  const [feed, setFeed] = useState(EMPTY)
  useEffect(() => {
    let source: EventSource | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const open = (): void => {
      source = new EventSource(url)
      let isFirst = true
      source.onopen = () => {
        isFirst = true
      }
      source.onmessage = ({ data }) => {
        const update: Update = JSON.parse(data)
        const before = isFirst
        isFirst = false
        setFeed((known) => merged(before ? EMPTY : known, update))
      }
      source.onerror = () => {
        setFeed((known) => ({ ...known, connection: 'lost' }))
        // A refused stream is not tried again by itself.
        if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, RETRY_MS)
      }
    }
    const close = (): void => {
      clearTimeout(timer)
      source?.close()
    }
    const follow = (): void => {
      close()
      if (document.visibilityState === 'visible') open()
    }
    follow()
    document.addEventListener('visibilitychange', follow)
    return () => {
      document.removeEventListener('visibilitychange', follow)
      close()
    }
  }, [url])
  return feed
}

export function merged(known: Feed, update: Update): Feed {
  const { keep } = update
  return {
    connection: 'live',
    policy: update.policy ?? known.policy,
    collapses: update.collapses,
    decisions: [...update.decisions.toReversed(), ...known.decisions].slice(0, keep),
    anomalies: [...update.anomalies.toReversed(), ...known.anomalies].slice(0, keep),
    activity: mergedActivity(known.activity, update.activity),
    clients: update.clients,
    address: update.address,
    passedOver: update.passedOver,
    bucketMs: update.bucketMs,
    offset: update.now - Date.now(),
  }
}

/** Buckets that grew come again. */
function mergedActivity(known: readonly BucketView[], news: readonly BucketView[]): BucketView[] {
  const [first] = news
  if (first === undefined) return [...known]
  return [...known.filter(({ at }) => at < first.at), ...news].slice(-BUCKETS)
}

/** Milliseconds since 1970, told again every few seconds. */
export function useNow(offset: number, every = 5000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return Math.max(now, Date.now()) + offset
}
