import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { ActionForm, StandingView } from '../src/view/actions.js'
import { Choice, Input, type PartProps, useAsking } from './asking.js'
import { plural } from './words.js'

/** Looks at one client in the limits that the application named, and changes what is counted. */
export function ClientLimits({ names, token }: PartProps): VNode {
  const [target, setTarget] = useState(names[0] ?? '')
  const [client, setClient] = useState('')
  const [seconds, setSeconds] = useState('600')
  const [units, setUnits] = useState('1')
  const [said, setSaid] = useState('')
  const { done, problem, isBusy, ask } = useAsking(token)
  const subject = { target, client: client.trim() }
  const act = (form: LimitForm): void => {
    setSaid(saidOf(form))
    void ask(form)
  }
  return (
    <form
      class="operate"
      onSubmit={(event) => {
        event.preventDefault()
        act({ action: 'peek', ...subject })
      }}
    >
      <h3>A client’s limits</h3>
      <div class="filters">
        <Choice title="Limits" names={names} value={target} onValue={setTarget} />
        <Input title="Client" value={client} onValue={setClient} hint="198.51.100.7" />
        <button type="submit" disabled={isBusy}>
          Look
        </button>
        <button
          type="button"
          disabled={isBusy}
          onClick={() => act({ action: 'reset', ...subject })}
        >
          Reset
        </button>
      </div>
      <div class="filters">
        <div class="pair">
          <Input title="Units" value={units} onValue={setUnits} hint="1" />
          <button
            type="button"
            disabled={isBusy}
            onClick={() => act({ action: 'reward', ...subject, units: Number(units) })}
          >
            Give back
          </button>
        </div>
        <div class="pair">
          <Input title="Seconds" value={seconds} onValue={setSeconds} hint="600" />
          <button
            type="button"
            class="danger"
            disabled={isBusy}
            onClick={() => act({ action: 'block', ...subject, seconds: Number(seconds) })}
          >
            Block
          </button>
        </div>
      </div>
      <div aria-live="polite">
        {isBusy && <p class="quiet">Asked…</p>}
        {problem !== undefined && <p class="problem">{problem}</p>}
        {!isBusy && done !== undefined && 'standings' in done && (
          <Standings said={said} standings={done.standings} />
        )}
      </div>
    </form>
  )
}

type LimitForm = Extract<ActionForm, { client: string }>

/** What was done, for whoever looks up from the button. */
function saidOf(form: LimitForm): string {
  const { client, target } = form
  switch (form.action) {
    case 'peek':
      return `${client} in ${target}:`
    case 'reset':
      return `Reset ${client} in ${target}.`
    case 'block':
      return `Blocked ${client} in ${target} for ${plural(form.seconds, 'second')}.`
    case 'reward':
      return `Gave ${plural(form.units, 'unit')} back to ${client} in ${target}.`
  }
}

interface StandingsProps {
  readonly said: string
  readonly standings: readonly StandingView[]
}

function Standings({ said, standings }: StandingsProps): VNode {
  return (
    <>
      <p>{said}</p>
      {standings.length === 0 && <p class="quiet">What is left could not be read.</p>}
      <ul class="claims">
        {standings.map(({ name, limit, remaining, seconds: left, exceeded }) => (
          <li key={name}>
            <code>{name}</code>: {remaining} of {limit} left{' '}
            {exceeded && <span class="badge error">refused for {plural(left, 'second')}</span>}
          </li>
        ))}
      </ul>
    </>
  )
}
