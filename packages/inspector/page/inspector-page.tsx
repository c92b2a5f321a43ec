import type { VNode } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Trial, TrialResult } from '../src/view/view.js'
import { Activity } from './activity.js'
import { Alarm } from './alarm.js'
import { Chain } from './chain.js'
import { Clients } from './clients.js'
import { Decisions } from './decisions.js'
import { type Connection, useFeed, useNow } from './feed.js'
import { Section } from './section.js'
import { TrialForm } from './trial-form.js'

const STATES: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Connection lost, trying again',
}

const SECTIONS = [
  ['policy', 'Policy'],
  ['decisions', 'Decisions'],
  ['activity', 'Activity'],
  ['clients', 'Clients'],
  ['try', 'Try it'],
] as const

/** Everything that the server tells, as it happens. */
export function Inspector(): VNode {
  const feed = useFeed('events')
  const now = useNow(feed.offset)
  const { policy, connection } = feed
  useNamedSection(policy !== undefined)
  return (
    <>
      <header class="top">
        <h1>truehop inspector</h1>
        <nav aria-label="Sections">
          {SECTIONS.map(([id, title]) => (
            <a key={id} href={`#${id}`}>
              {title}
            </a>
          ))}
        </nav>
        <p class={`state ${connection}`} role="status">
          {STATES[connection]}
        </p>
      </header>
      <main>
        <Alarm collapses={feed.collapses} now={now} />
        <Section id="policy" title="The policy in force">
          {policy === undefined ? (
            <p class="quiet">Not told yet.</p>
          ) : (
            <Chain policy={policy} now={now} />
          )}
        </Section>
        <Section id="decisions" title="Recent decisions">
          <Decisions feed={feed} />
        </Section>
        <Section id="activity" title="The last ten minutes">
          <Activity feed={feed} now={now} />
        </Section>
        <Section id="clients" title="Top clients">
          <Clients clients={feed.clients} now={now} />
        </Section>
        <Section id="try" title="Try the policy">
          <p>
            Who would be the client? Asked of the policy in force; nothing is sent anywhere else.
          </p>
          <TrialForm ask={askServer} />
        </Section>
      </main>
    </>
  )
}

/** A link to a section leads there once there is something in it. */
function useNamedSection(isFilled: boolean): void {
  useEffect(() => {
    if (isFilled) document.getElementById(location.hash.slice(1))?.scrollIntoView()
  }, [isFilled])
}

async function askServer(trial: Trial): Promise<TrialResult> {
  const response = await fetch('explain', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(trial),
  })
  if (response.ok) return response.json()
  throw new Error(`The server answered ${response.status} ${response.statusText}.`)
}
