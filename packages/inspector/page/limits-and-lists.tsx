import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ActionDone, ActionForm, ActionsView } from '../src/view/actions.js'
import { actionsHere, askAction } from './ask-action.js'
import { ListEntries } from './list-entries.js'
import { plural } from './words.js'

/** What may be done here, once it is known. */
export function useActions(): ActionsView | undefined {
  const [actions, setActions] = useState<ActionsView>()
  useEffect(() => {
    actionsHere().then(setActions, () => {})
  }, [])
  return actions
}

interface Props {
  readonly actions: ActionsView
  readonly now: number
}

/** Looks at and changes what the application named; each action is recorded. */
export function LimitsAndLists({ actions, now }: Props): VNode {
  const { limits, lists, token } = actions
  return (
    <>
      <p class="quiet">Each action is recorded with who asked for it.</p>
      {limits.length > 0 && <Limits names={limits} token={token} />}
      {lists.length > 0 && <Lists names={lists} token={token} now={now} />}
    </>
  )
}

/** One action at a time, and what it came to. */
export function useAsking(token: string) {
  const [done, setDone] = useState<ActionDone>()
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const ask = async (...forms: ActionForm[]): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    try {
      for (const form of forms) setDone(await askAction(form, token))
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }
  return { done, problem, isBusy, ask }
}

interface PartProps {
  readonly names: readonly string[]
  readonly token: string
}

function Limits({ names, token }: PartProps): VNode {
  const [target, setTarget] = useState(names[0] ?? '')
  const [client, setClient] = useState('')
  const [seconds, setSeconds] = useState('600')
  const { done, problem, isBusy, ask } = useAsking(token)
  return (
    <form
      class="operate"
      onSubmit={(event) => {
        event.preventDefault()
        void ask({ action: 'peek', target, client })
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
          onClick={() => ask({ action: 'reset', target, client })}
        >
          Reset
        </button>
        <Input title="Seconds" value={seconds} onValue={setSeconds} hint="600" />
        <button
          type="button"
          class="danger"
          disabled={isBusy}
          onClick={() => ask({ action: 'block', target, client, seconds: Number(seconds) })}
        >
          Block
        </button>
      </div>
      <div aria-live="polite">
        {problem !== undefined && <p class="problem">{problem}</p>}
        {done !== undefined && 'standings' in done && (
          <ul class="claims">
            {done.standings.map(({ name, limit, remaining, seconds: left, exceeded }) => (
              <li key={name}>
                <code>{name}</code>: {remaining} of {limit} left{' '}
                {exceeded && <span class="badge error">refused for {plural(left, 'second')}</span>}
              </li>
            ))}
          </ul>
        )}
      </div>
    </form>
  )
}

function Lists({ names, token, now }: PartProps & { readonly now: number }): VNode {
  const [target, setTarget] = useState(names[0] ?? '')
  const [find, setFind] = useState('')
  const [entry, setEntry] = useState('')
  const [ttl, setTtl] = useState('')
  const [note, setNote] = useState('')
  const { done, problem, isBusy, ask } = useAsking(token)
  const show: ActionForm = { action: 'entries', target, find }
  const add = (): Promise<void> => {
    const expires = ttl.trim() === '' ? {} : { ttl: Number(ttl) }
    return ask({ action: 'add', target, entry, note, ...expires }, show)
  }
  return (
    <>
      <h3>Entries of a list</h3>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault()
          void ask(show)
        }}
      >
        <Choice title="List" names={names} value={target} onValue={setTarget} />
        <Input title="With" value={find} onValue={setFind} hint="part of an entry or note" />
        <button type="submit" disabled={isBusy}>
          Show entries
        </button>
      </form>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <Input title="Entry" value={entry} onValue={setEntry} hint="198.51.100.0/24" />
        <Input title="Seconds it stays" value={ttl} onValue={setTtl} hint="until removed" />
        <Input title="Note" value={note} onValue={setNote} hint="why" />
        <button type="submit" disabled={isBusy}>
          Add entry
        </button>
      </form>
      <div aria-live="polite">
        {problem !== undefined && <p class="problem">{problem}</p>}
        {done !== undefined && 'entries' in done && (
          <ListEntries
            {...done}
            now={now}
            isBusy={isBusy}
            onRemove={(removed) => ask({ action: 'remove', target, entry: removed }, show)}
          />
        )}
      </div>
    </>
  )
}

interface ChoiceProps {
  readonly title: string
  readonly names: readonly string[]
  readonly value: string
  readonly onValue: (value: string) => void
}

function Choice({ title, names, value, onValue }: ChoiceProps): VNode {
  return (
    <label>
      {title}
      <select value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  )
}

interface InputProps {
  readonly title: string
  readonly value: string
  readonly hint: string
  readonly onValue: (value: string) => void
}

function Input({ title, value, hint, onValue }: InputProps): VNode {
  return (
    <label>
      {title}
      <input
        type="text"
        value={value}
        placeholder={hint}
        maxLength={200}
        spellcheck={false}
        autocomplete="off"
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
    </label>
  )
}
