import type { VNode } from 'preact'
import type { IgnoredView, StepView, WalkView } from '../src/view/view.js'
import { AddressText } from './address-text.js'
import { Link } from './link.js'
import { ignoredText, plural, reasonText } from './words.js'

/** A walk as a picture: the nodes from the socket peer outwards, and where it stopped and why. */
export function Walk({ walk }: { walk: WalkView }): VNode {
  const { steps, omitted, outcome, ignored, conflicts } = walk
  return (
    <div class="walk">
      <ol class="chain" aria-label="The walk, from the socket peer outwards">
        {steps.map((step, index) => (
          <Trusted key={`${index} ${step.node}`} step={step} isPeer={index === 0} />
        ))}
        {omitted > 0 && (
          <Link kind="omitted" follows>
            <strong>…</strong>
            <span>{plural(omitted, 'step')} not shown</span>
          </Link>
        )}
        <End walk={walk} />
      </ol>
      <p>
        <span class={`badge ${outcome.status}`}>{outcome.reason}</span> {reasonText(outcome.reason)}
        {outcome.status === 'undetermined' && outcome.rule !== undefined && (
          <>
            {' '}
            Rule <code>{outcome.rule}</code>.
          </>
        )}
      </p>
      {conflicts.length > 0 && (
        <ul class="claims conflicts">
          {conflicts.map(({ source, claims }) => (
            <li key={source}>
              <span class="badge warning">contradicts</span> <code>{source}</code> claims{' '}
              <code>{claims}</code>
            </li>
          ))}
        </ul>
      )}
      {ignored.length > 0 && <Ignored claims={ignored} />}
    </div>
  )
}

function Trusted({ step, isPeer }: { step: StepView; isPeer: boolean }): VNode {
  const { node, port, rule, trustedBy, asserts, entry } = step
  return (
    <Link kind="trusted" follows={!isPeer}>
      <span class="role">{isPeer ? 'socket peer' : 'hop'}</span>
      <strong>
        <AddressText text={nodeText(node, port)} />
      </strong>
      <span>
        trusted by rule {rule}
        {trustedBy !== undefined && (
          <>
            {' '}
            (<code>{trustedBy}</code>)
          </>
        )}
      </span>
      <span>
        asserts in <code>{asserts}</code>
      </span>
      <code class="entry">
        <AddressText text={entry === '' ? '(empty)' : entry} />
      </code>
    </Link>
  )
}

function End({ walk: { outcome, steps, peer, peerPort } }: { walk: WalkView }): VNode {
  const isPeer = steps.length === 0
  if (outcome.status === 'undetermined') {
    return (
      <Link kind="undetermined" follows={!isPeer}>
        <span class="role">{isPeer ? `socket peer ${peer ?? 'not known'}` : 'client'}</span>
        <strong>undetermined</strong>
        <span>
          <AddressText text={stopText(steps.at(-1), outcome.source)} />
        </span>
      </Link>
    )
  }
  const { client = '', port } = outcome
  return (
    <Link kind="client" follows={!isPeer}>
      <span class="role">{isPeer ? 'socket peer, the client' : 'client'}</span>
      <strong>
        <AddressText text={nodeText(client, isPeer ? peerPort : port)} />
      </strong>
      <span>
        {outcome.reason === 'peer-untrusted' || outcome.reason === 'first-untrusted'
          ? 'no rule trusts it'
          : `named by ${outcome.source}`}
      </span>
    </Link>
  )
}

/** Where a walk stopped that came to no client. */
function stopText(last: StepView | undefined, source: string): string {
  if (last === undefined) return `stopped at ${source}`
  if (last.next !== undefined) return `stopped at ${last.next}`
  return `${last.node} is a hop, and its entry names nobody`
}

function Ignored({ claims }: { claims: readonly IgnoredView[] }): VNode {
  return (
    <div class="ignored">
      <p class="subhead">Ignored</p>
      <ul class="claims">
        {claims.map(({ source, text, why }) => (
          <li key={source}>
            <code>{source}</code>: <code class="entry">{text}</code>{' '}
            <span class="quiet">{ignoredText(why)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function nodeText(node: string, port: number | undefined): string {
  if (port === undefined) return node
  return node.includes(':') ? `[${node}]:${port}` : `${node}:${port}`
}
