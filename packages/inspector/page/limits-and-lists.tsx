import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ActionsView } from '../src/view/actions.js'
import { type AskedForm, actionsHere } from './ask-action.js'
import { Choice, Input, type PartProps, useAsking } from './asking.js'
import { ClientLimits } from './client-limits.js'
import { ListEntries } from './list-entries.js'

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
      {limits.length > 0 && <ClientLimits names={limits} token={token} />}
      {lists.length > 0 && <Lists names={lists} token={token} now={now} />}
    </>
  )
}

/** What became of a change of shared entries. */
const CHANGES: Readonly<Record<string, string>> = {
  shared: 'Made, for all instances.',
  local: 'Made here. The other instances follow once the store answers.',
  absent: 'There is no such entry.',
  full: 'Not made: the list is full, or too much is waiting for the store.',
}

function Lists({ names, token, now }: PartProps & { readonly now: number }): VNode {
  const [target, setTarget] = useState(names[0] ?? '')
  const [find, setFind] = useState('')
  const [entry, setEntry] = useState('')
  const [ttl, setTtl] = useState('')
  const [note, setNote] = useState('')
  const { done, change, problem, isBusy, ask } = useAsking(token)
  const show: AskedForm = { action: 'entries', target, find }
  const add = (): Promise<void> => {
    const expires = ttl.trim() === '' ? {} : { ttl: Number(ttl) }
    return ask({ action: 'add', target, entry: entry.trim(), note, ...expires }, show)
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
        <Input title="With" value={find} onValue={setFind} hint="entry or note" />
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
        {isBusy && <p class="quiet">Asked…</p>}
        {change !== undefined && (
          <p class={change === 'full' ? 'problem' : undefined}>{CHANGES[change] ?? change}</p>
        )}
        {problem !== undefined && <p class="problem">{problem}</p>}
        {done !== undefined && 'entries' in done && (
          <ListEntries
            {...done}
            now={now}
            isBusy={isBusy}
            onRemove={(removed) => ask({ action: 'remove', target, ...removed }, show)}
          />
        )}
      </div>
    </>
  )
}
