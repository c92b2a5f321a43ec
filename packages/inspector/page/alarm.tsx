import type { VNode } from 'preact'
import type { CollapseView } from '../src/view/view.js'
import { AddressText } from './address-text.js'
import { ago, moment } from './moments.js'
import { plural } from './words.js'

interface Props {
  readonly collapses: readonly CollapseView[]
  readonly now: number
}

const TITLES: Readonly<Record<CollapseView['kind'], string>> = {
  'one-for-many': 'Many visitors are taken for one client',
  infrastructure: 'What stands in front is taken for the client',
  'header-stopped': 'A trusted hop no longer sends its header',
}

/** The policy may not fit its surroundings. The region is always there, so that it is read out when it fills. */
export function Alarm({ collapses, now }: Props): VNode {
  return (
    <div role="alert" class="alarms">
      {collapses.map((collapse) => (
        <Collapse key={collapse.kind} collapse={collapse} now={now} />
      ))}
    </div>
  )
}

function Collapse({ collapse, now }: { collapse: CollapseView; now: number }): VNode {
  const { kind, since, client, rule, seen, advice } = collapse
  return (
    <section class="alarm" aria-label={TITLES[kind]}>
      <h2>{TITLES[kind]}</h2>
      <p>
        {client !== undefined && (
          <>
            The client decided is <AddressText text={client} />
            {rule === undefined ? ', by no rule' : `, by rule ${rule}`}.{' '}
          </>
        )}
        Seen {figures(seen)}, since {moment(since)}{' '}
        {/* Not read out again each time that it grows. */}
        <span aria-live="off">({ago(since, now)})</span>.
      </p>
      <p>
        <strong>What to do:</strong> {advice}.
      </p>
    </section>
  )
}

const WORDS: Readonly<Record<string, string>> = {
  decisions: 'decision',
  clients: 'client',
  others: 'other address',
  inside: 'request',
  missing: 'request',
}

/** `200 decisions, 1 client, 187 other addresses`, and what is not known as the server names it. */
function figures(seen: CollapseView['seen']): string {
  const parts = Object.entries(seen).map(([name, count]) => {
    if (name === 'others')
      return `${plural(count, 'other address', 'other addresses')} in the evidence`
    if (name === 'inside') return `${plural(count, 'request')} from its addresses`
    if (name === 'missing') return `${plural(count, 'request')} without the header`
    return plural(count, WORDS[name] ?? name)
  })
  return parts.join(', ')
}
