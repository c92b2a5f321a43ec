import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { Trial, TrialResult } from '../src/view/view.js'
import { Activity } from './activity.js'
import { Chain } from './chain.js'
import { Clients } from './clients.js'
import { useConnection, useNow } from './connection.js'
import { Decisions } from './decisions.js'
import { useHeld } from './held.js'
import { History } from './history.js'
import { LimitsAndLists, useActions } from './limits-and-lists.js'
import { useNamed } from './named.js'
import { Section } from './section.js'
import { State } from './state.js'
import { useFrozen } from './still.js'
import { TrialForm } from './trial-form.js'
import { plural } from './words.js'
import { Wrong } from './wrong.js'

const SECTIONS = [
  ['wrong', 'What is wrong'],
  ['decisions', 'Decisions'],
  ['activity', 'Activity'],
  ['clients', 'Clients'],
  ['actions', 'Limits and lists'],
  ['policy', 'Policy'],
  ['try', 'Try it'],
] as const

/** Everything that the server tells, as it happens: what is wrong first. */
export function Inspector(): VNode {
  const live = useConnection('')
  const { feed, connection, heardAt } = live
  const now = useNow(feed.offset)
  const { policy, history, collapses, rows } = feed
  const isKnown = feed.instance !== undefined
  const holding = useHeld(rows)
  // What grows above the list would move it.
  const above = useFrozen(feed, holding.isOver)
  const [trial, setTrial] = useState<{ readonly turn: number; readonly evidence: Trial }>()
  const actions = useActions()
  const { named, section } = useNamed(policy !== undefined)
  return (
    <>
      <header class="top">
        <h1>truehop inspector</h1>
        <nav aria-label="Sections">
          {SECTIONS.filter(([id]) => id !== 'actions' || actions !== undefined).map(
            ([id, title]) => (
              <a key={id} href={`#${id}`} aria-current={section === id ? 'true' : undefined}>
                {title}
              </a>
            ),
          )}
        </nav>
        {collapses.length > 0 && (
          <a class="badge error" href="#wrong">
            {plural(collapses.length, 'alarm')}
          </a>
        )}
        <State live={live} />
      </header>
      <main>
        <Section id="wrong" title="What is wrong">
          <Wrong feed={above} now={now} />
        </Section>
        <Section id="decisions" title="Recent decisions">
          <Decisions
            feed={feed}
            holding={holding}
            now={now}
            named={named}
            asOf={connection === 'live' || heardAt === 0 ? undefined : heardAt}
            onTry={(evidence) => {
              setTrial((known) => ({ turn: (known?.turn ?? 0) + 1, evidence }))
              document.getElementById('try')?.scrollIntoView()
            }}
          />
          <p class="quiet">
            Also as <a href="snapshot.json">JSON</a> and <a href="decisions.csv">CSV</a>.
          </p>
        </Section>
        <Section id="activity" title="The last ten minutes">
          {isKnown ? <Activity feed={feed} now={now} /> : <NotKnown />}
        </Section>
        <Section id="clients" title="Top clients">
          {isKnown ? <Clients clients={feed.clients} now={now} /> : <NotKnown />}
        </Section>
        {actions !== undefined && (
          <Section id="actions" title="Limits and lists">
            <LimitsAndLists actions={actions} now={now} />
          </Section>
        )}
        <Section id="policy" title="The policy in force">
          {policy === undefined ? <NotKnown /> : <Chain policy={policy} now={now} />}
          <History changes={history} />
        </Section>
        <Section id="try" title="Try the policy">
          <p>
            Who would be the client? Asked of the policy in force; nothing is sent anywhere else.
          </p>
          <TrialForm
            key={trial?.turn}
            initial={trial?.evidence}
            isAsked={trial !== undefined}
            ask={askServer}
          />
        </Section>
      </main>
    </>
  )
}

function NotKnown(): VNode {
  return <p class="quiet">Not known yet.</p>
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
