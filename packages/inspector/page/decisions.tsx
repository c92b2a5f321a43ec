import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { DecisionView } from '../src/view/view.js'
import { AddressText } from './address-text.js'
import type { Feed } from './feed.js'
import { newerThan, useHeld } from './held.js'
import { clock } from './moments.js'
import { Walk } from './walk.js'
import { plural } from './words.js'

const SHOWN = [
  ['all', 'All'],
  ['resolved', 'Resolved'],
  ['undetermined', 'Undetermined'],
  ['odd', 'With ignored claims'],
] as const

/** Shown at first, and more at each wish. */
const PAGE = 15

/** How addresses are shown, where not in full. */
const ADDRESSES: Readonly<Record<string, string>> = { hmac: 'as tokens' }

type Shown = (typeof SHOWN)[number][0]

/** The decisions of late, each to be opened into its walk. */
export function Decisions({ feed }: { feed: Feed }): VNode {
  const [shown, setShown] = useState<Shown>('all')
  const [search, setSearch] = useState('')
  const { held, hold, release, leave } = useHeld(feed.decisions)
  const [count, setCount] = useState(PAGE)
  const all = held ?? feed.decisions
  const found = all.filter((decision) => isShown(decision, shown) && matches(decision, search))
  return (
    <>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          Show
          <select
            value={shown}
            onChange={({ currentTarget }) => setShown(currentTarget.value as Shown)}
          >
            {SHOWN.map(([value, title]) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          Search
          <input
            type="search"
            value={search}
            placeholder="address, path, reason"
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </label>
        <button
          type="button"
          aria-pressed={held !== undefined}
          onClick={() => (held === undefined ? hold('button') : release())}
        >
          Pause
        </button>
      </form>
      <p class="quiet">{summary(feed, found.length, held)}</p>
      {found.length > 0 && (
        <ul class="decisions" onFocusIn={() => hold('list')} onFocusOut={leave}>
          {found.slice(0, count).map((decision) => (
            <Decision key={decision.id} decision={decision} onOpen={() => hold('list')} />
          ))}
        </ul>
      )}
      {found.length > count && (
        <button type="button" onClick={() => setCount(count + PAGE)}>
          Show more
        </button>
      )}
    </>
  )
}

function summary(
  { decisions, address, passedOver }: Feed,
  found: number,
  held: readonly DecisionView[] | undefined,
): string {
  if (decisions.length === 0) return 'No decision yet: each request brings one.'
  const newer = held === undefined ? 0 : newerThan(held, decisions)
  return [
    plural(found, 'decision'),
    held !== undefined && (newer > 0 ? `held still, ${plural(newer, 'newer one')}` : 'held still'),
    address !== 'full' && `addresses ${ADDRESSES[address] ?? address}`,
    passedOver > 0 && `${plural(passedOver, 'more', 'more')} only counted`,
  ]
    .filter((part) => part !== false)
    .join('; ')
}

interface DecisionProps {
  readonly decision: DecisionView
  readonly onOpen: () => void
}

function Decision({ decision, onOpen }: DecisionProps): VNode {
  const [isOpen, setOpen] = useState(false)
  const { at, method, path, walk } = decision
  const { status, reason, client = 'undetermined' } = walk.outcome
  return (
    <li>
      <details
        onToggle={({ currentTarget: { open } }) => {
          setOpen(open)
          // Not every browser gives the focus to what is clicked.
          if (open) onOpen()
        }}
      >
        <summary>
          <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
          <strong class={status}>
            <AddressText text={client} />
          </strong>
          <span class={`badge ${status}`}>{reason}</span>
          {walk.conflicts.length > 0 && <span class="badge warning">conflict</span>}
          <span class="target">
            {method} {path}
          </span>
          {walk.steps.length > 0 && <span class="quiet">{viaText(walk)}</span>}
        </summary>
        {isOpen && <Walk walk={walk} />}
      </details>
    </li>
  )
}

/** The rules of the hops, the one nearest to the client first, as the request came. */
function viaText({ steps, omitted }: DecisionView['walk']): string {
  const rules = steps.map(({ rule }) => rule).reverse()
  return `via ${[...(omitted > 0 ? ['…'] : []), ...rules].join(', ')}`
}

function isShown({ walk }: DecisionView, shown: Shown): boolean {
  if (shown === 'all') return true
  return shown === 'odd' ? walk.ignored.length > 0 : walk.outcome.status === shown
}

function matches({ method, path, walk }: DecisionView, search: string): boolean {
  const { client = 'undetermined', reason } = walk.outcome
  const text = `${client} ${reason} ${walk.peer ?? ''} ${method} ${path}`
  return text.toLowerCase().includes(search.trim().toLowerCase())
}
