import type { VNode } from 'preact'
import type { AnomalyView } from '../src/view/view.js'
import { Alarm } from './alarm.js'
import type { Feed } from './feed.js'
import { ago, clock } from './moments.js'
import { useStill } from './still.js'
import { ANOMALY_NAMES, anomalyText, plural } from './words.js'

interface Props {
  readonly feed: Pick<Feed, 'collapses' | 'anomalies' | 'policy' | 'instance'>
  readonly now: number
  /** Of one instance of several, whose name is the heading above. */
  readonly id?: string
}

/** Groups of one list that are shown. */
const SHOWN = 20

/** What somebody has to look at, the most urgent first. */
export function Wrong({ feed, now, id = '' }: Props): VNode {
  const { shown, over } = useStill(feed.anomalies)
  const refused = grouped(shown.filter(({ kind }) => kind === 'refused'))
  const odd = grouped(shown.filter(({ kind }) => kind !== 'refused'))
  const findings = (feed.policy?.findings ?? []).filter(({ severity }) => severity === 'error')
  const Heading = id === '' ? 'h3' : 'h4'
  const isQuiet = refused.length + odd.length + findings.length + feed.collapses.length === 0
  return (
    <>
      <Alarm collapses={feed.collapses} now={now} />
      {isQuiet && <p class="quiet">{quietText(feed.instance, now)}</p>}
      {findings.length > 0 && (
        <p class="problem">
          {plural(findings.length, 'error')} in the policy: see <a href="#policy">the policy</a>.
        </p>
      )}
      <div {...over}>
        {refused.length > 0 && (
          <>
            <Heading id={`refused${id}`}>Refused connections, newest first</Heading>
            <ul class="anomalies" aria-labelledby={`refused${id}`}>
              {refused.slice(0, SHOWN).map((group) => (
                <Refused key={group.newest.id} group={group} />
              ))}
              <More count={refused.length - SHOWN} />
            </ul>
          </>
        )}
        {odd.length > 0 && (
          <>
            <Heading id={`odd${id}`}>Anomalies, newest first</Heading>
            <ul class="anomalies" aria-labelledby={`odd${id}`}>
              {odd.slice(0, SHOWN).map((group) => (
                <Odd key={group.newest.id} group={group} />
              ))}
              <More count={odd.length - SHOWN} />
            </ul>
          </>
        )}
      </div>
    </>
  )
}

/** Nothing is said to be right before anything was heard. */
function quietText(instance: Feed['instance'], now: number): string {
  if (instance === undefined) return 'Not known yet.'
  return `Nothing odd has been seen since the service was started, ${ago(instance.startedAt, now)}.`
}

/** The message ends with what to do about it. */
function Refused({ group: { newest, count } }: { group: Group }): VNode {
  const { at, what, peer, detail } = newest
  return (
    <li>
      <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
      <span class="badge undetermined">{what}</span>
      {peer !== undefined && <span>from {peer}</span>}
      {count > 1 && <span class="badge">{count} times</span>}
      {detail !== undefined && <span class="mend">{detail}.</span>}
      {what.startsWith('malformed:') && detail?.includes(';') !== true && (
        <span class="mend">
          It is not the proxy, or its software writes the header wrongly: see what runs there.
        </span>
      )}
    </li>
  )
}

function More({ count }: { count: number }): VNode | null {
  return count > 0 ? <li class="quiet">and {plural(count, 'older kind')}</li> : null
}

function Odd({ group: { newest, count } }: { group: Group }): VNode {
  const { at, kind, what, peer, detail } = newest
  return (
    <li>
      <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
      <span class="badge warning">{ANOMALY_NAMES[kind]}</span>
      <span>
        <code>{what}</code>
        {kind === 'conflict' && detail !== undefined && (
          <>
            {' '}
            claims <code>{detail}</code>
          </>
        )}
        {kind === 'undetermined' && detail !== undefined && ` by rule ${detail}`}
      </span>
      {peer !== undefined && <span>from {peer}</span>}
      {count > 1 && <span class="badge">{count} times</span>}
      <span class="mend">{anomalyText(kind, what)}</span>
    </li>
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
    // A port, or a claim, which each has for itself.
    const isOwn = kind === 'refused' || kind === 'conflict'
    const key = JSON.stringify([kind, what, peer, isOwn ? '' : detail])
    const known = groups.get(key)
    groups.set(key, { newest: known?.newest ?? anomaly, count: (known?.count ?? 0) + 1 })
  }
  return [...groups.values()]
}
