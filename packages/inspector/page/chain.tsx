import type { VNode } from 'preact'
import type { HopView, LiveRangesView, PolicyView } from '../src/view/view.js'
import { AddressText } from './address-text.js'
import { Link } from './link.js'
import { ago, moment } from './moments.js'
import { Questions } from './questions.js'
import { plural } from './words.js'

interface Props {
  readonly policy: PolicyView
  /** The server's time; absent where the policy is in force nowhere. */
  readonly now?: number
  /** Tells the headings of several policies apart. */
  readonly id?: string
}

/** The policy as a chain, from this server outwards. */
export function Chain({ policy, now, id = '' }: Props): VNode {
  const { maxHops, onConflict, proxyProtocol, hops, answers, findings } = policy
  return (
    <>
      <p class="quiet">
        {now !== undefined && sinceText(policy, now)}A walk reads{' '}
        {plural(maxHops, 'entry', 'entries')} at most
        {onConflict === 'reject' ? ', and contradicting evidence names nobody' : ''}.
        {proxyProtocol && ` ${directText(proxyProtocol)}`}
      </p>
      <ol class="chain" aria-label="Hops, from this server outwards">
        <Link kind="server" follows={false}>
          <strong>this server</strong>
          <span>starts at the socket peer</span>
        </Link>
        {hops.map((hop) => (
          <Hop key={hop.name} hop={hop} now={now} />
        ))}
        <Link kind="client" follows>
          <strong>client</strong>
          <span>the first whom no rule trusts</span>
        </Link>
      </ol>
      <Questions answers={answers} id={id} />
      {findings.length > 0 && <Findings findings={findings} />}
    </>
  )
}

function sinceText({ version, since }: PolicyView, now: number): string {
  return `Version ${version}, in force since ${moment(since)} (${ago(since, now)}). `
}

function directText({ direct, optional }: NonNullable<PolicyView['proxyProtocol']>): string {
  const others = direct === 'accept' ? 'accepted without one' : 'refused'
  const senders = optional ? 'may send a PROXY header' : 'must send a PROXY header'
  return `Hops that assert proxy-protocol ${senders}; connections of others are ${others}.`
}

interface HopProps {
  readonly hop: HopView
  readonly now: number | undefined
}

function Hop({ hop, now }: HopProps): VNode {
  const { name, asserts, depth, required, from, more, ranges } = hop
  return (
    <Link kind="hop" follows>
      <strong>{name}</strong>
      <span>
        asserts <code>{asserts}</code>
        {depth > 0 && `, element ${depth} from the right`}
        {required && ', required'}
      </span>
      <Entries entries={from} more={more} />
      {from.length > 0 && now !== undefined && <span class="quiet">written in the policy</span>}
      {ranges.map((live) => (
        <LiveRanges key={live.name} live={live} now={now ?? live.updatedAt} />
      ))}
    </Link>
  )
}

function Entries({ entries, more }: { entries: readonly string[]; more: number }): VNode | null {
  if (entries.length === 0) return null
  return (
    <ul class="ranges">
      {entries.map((entry) => (
        <li key={entry}>
          <code>
            <AddressText text={entry} />
          </code>
        </li>
      ))}
      {more > 0 && <li>and {plural(more, 'more', 'more')}</li>}
    </ul>
  )
}

function LiveRanges({ live, now }: { live: LiveRangesView; now: number }): VNode {
  const { name, from, size, version, updatedAt, stale, lastError } = live
  return (
    <div class={stale ? 'live-ranges stale' : 'live-ranges'}>
      <span>
        <code>{name}</code>: {plural(size, 'range')}
        {version !== undefined && `, version ${version}`}
      </span>
      <Entries entries={from} more={size - from.length} />
      <span class="quiet">
        {updatedAt === 0 ? 'never read' : `confirmed ${ago(updatedAt, now)}`}
        {stale && ', stale'}
      </span>
      {lastError !== undefined && <span class="problem">{lastError}</span>}
    </div>
  )
}

function Findings({ findings }: { findings: PolicyView['findings'] }): VNode {
  return (
    <details class="findings">
      <summary>{plural(findings.length, 'finding')} about this policy</summary>
      <ul>
        {findings.map(({ code, severity, path, message }) => (
          <li key={`${path} ${code}`}>
            <span class={`badge ${severity}`}>{severity}</span> <code>{path}</code> {message}{' '}
            <span class="quiet">[{code}]</span>
          </li>
        ))}
      </ul>
    </details>
  )
}
