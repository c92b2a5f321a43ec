import type { VNode } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Trial } from '../src/view/view.js'
import { Decision } from './decision.js'
import { Facets } from './facet-list.js'
import type { Feed } from './feed.js'
import { facetsOf } from './filter/facets.js'
import { readFilter } from './filter/filter.js'
import { toggled } from './filter/terms.js'
import { FilterForm } from './filter-form.js'
import { newerThan, type useHeld } from './held.js'
import { clock } from './moments.js'
import type { Row } from './row.js'
import { plural } from './words.js'

/** Shown at first, and more at each wish. */
const PAGE = 15

/** How addresses are shown, where not in full. */
const ADDRESSES: Readonly<Record<string, string>> = { hmac: 'as tokens' }

interface Props {
  readonly feed: Pick<Feed, 'rows' | 'before' | 'address' | 'passedOver' | 'instance'>
  readonly holding: ReturnType<typeof useHeld<readonly Row[]>>
  readonly now: number
  /** The key of the decision that the page's address names. */
  readonly named: string | undefined
  /** When the rows were last heard of, where nothing is heard now. */
  readonly asOf?: number | undefined
  readonly onTry?: ((evidence: Trial) => void) | undefined
}

/** The decisions of late, each to be opened into its walk. */
export function Decisions({ feed, holding, now, named, asOf, onTry }: Props): VNode {
  const [filter, setFilter] = useState('')
  const [count, setCount] = useState(PAGE)
  const { held, by, hold, release, within } = holding
  const read = useMemo(() => readFilter(filter), [filter])
  const all = held ?? feed.rows
  const found = all.filter((row) => read.test(row, now))
  const index = found.findIndex(({ key }) => key === named)
  const shown = found.slice(0, Math.max(count, index + 1))
  const isHeld = by === 'button' || by === 'focus'
  useEffect(() => {
    if (index !== -1) hold('focus')
  }, [named, index !== -1])
  return (
    <>
      <FilterForm filter={filter} problems={read.problems} onFilter={setFilter}>
        <button
          type="button"
          aria-pressed={isHeld}
          onClick={() => (isHeld ? release() : hold('button'))}
        >
          Pause
        </button>
      </FilterForm>
      <p class="quiet">{summary(feed, found.length, held, asOf)}</p>
      {named !== undefined && all.length > 0 && index === -1 && (
        <p class="problem">
          The decision that this address names is not kept any more, or is filtered out.
        </p>
      )}
      {found.length > 0 && (
        <Facets
          facets={facetsOf(found)}
          filter={filter}
          onTerm={(term) => setFilter(toggled(filter, term))}
        />
      )}
      {shown.length > 0 && (
        <ul class="decisions" {...within}>
          {shown.map((row, at) => [
            row.isBefore === true && shown[at - 1]?.isBefore !== true && (
              <Before key="before" before={feed.before} />
            ),
            <Decision
              key={row.key}
              row={row}
              isNamed={row.key === named}
              onOpen={() => hold('focus')}
              onTry={onTry}
            />,
          ])}
        </ul>
      )}
      {found.length > shown.length && (
        <button type="button" onClick={() => setCount(shown.length + PAGE)}>
          Show more
        </button>
      )}
    </>
  )
}

/** What follows was made by a process that is gone, or is not the one that answers now. */
function Before({ before }: Pick<Feed, 'before'>): VNode {
  const { isRestart = true, instance } = before ?? {}
  return (
    <li class="before">
      {isRestart
        ? `The service was restarted${instance === undefined ? '' : ` at ${clock(instance.startedAt)}`}: what follows is from before.`
        : `Another instance answers now, ${instance?.name}: what follows is from the one before.`}
    </li>
  )
}

function summary(
  { rows, address, passedOver, instance }: Props['feed'],
  found: number,
  held: readonly Row[] | undefined,
  asOf: number | undefined,
): string {
  if (instance === undefined && rows.length === 0) return 'Not known yet.'
  if (rows.length === 0) return 'No decision yet: each request brings one.'
  const newer = held === undefined ? 0 : newerThan(held, rows)
  return [
    plural(found, 'decision'),
    asOf !== undefined && `as of ${clock(asOf)}`,
    held !== undefined && (newer > 0 ? `held still, ${plural(newer, 'newer one')}` : 'held still'),
    address !== 'full' && `addresses ${ADDRESSES[address] ?? address}`,
    passedOver > 0 && `${plural(passedOver, 'more', 'more')} only counted`,
  ]
    .filter((part) => part !== false)
    .join('; ')
}
