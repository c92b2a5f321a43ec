import type { ComponentChildren, VNode } from 'preact'
import { MAX_FILTER } from './filter/terms.js'

interface Props {
  readonly filter: string
  readonly problems: readonly string[]
  readonly onFilter: (filter: string) => void
  readonly children: ComponentChildren
}

const TIMES = [
  ['', 'Any time'],
  ['since:1m', 'Last minute'],
  ['since:5m', 'Last 5 minutes'],
  ['since:30m', 'Last 30 minutes'],
  ['since:2h', 'Last 2 hours'],
] as const

const KINDS = [
  ['', 'All'],
  ['is:resolved', 'Resolved'],
  ['is:undetermined', 'Undetermined'],
  ['is:ignored', 'With ignored claims'],
  ['is:conflict', 'With a conflict'],
] as const

/** One line of terms; the lists write the terms that they stand for into it. */
export function FilterForm({ filter, problems, onFilter, children }: Props): VNode {
  return (
    <>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Choice title="Show" field="is" options={KINDS} filter={filter} onFilter={onFilter} />
        <Choice title="Time" field="since" options={TIMES} filter={filter} onFilter={onFilter} />
        <label class="search">
          Search
          <input
            type="search"
            value={filter}
            maxLength={MAX_FILTER}
            placeholder="198.51.100.0/24 status:403"
            aria-describedby="filter-hint"
            onInput={({ currentTarget }) => onFilter(currentTarget.value)}
          />
        </label>
        {children}
      </form>
      <details class="hint">
        <summary>What can be searched</summary>
        <p id="filter-hint" class="quiet">
          An address or prefix (any node of the walk), text that a row shows, and{' '}
          <code>client:</code> <code>peer:</code> <code>rule:</code> <code>reason:</code>{' '}
          <code>status:403</code> <code>status:4xx</code> <code>verdict:denied</code>{' '}
          <code>header:x-real-ip</code> <code>since:5m</code> <code>until:1m</code>; all have to
          match, <code>-</code> in front leaves out, quotes hold blanks together.
        </p>
      </details>
      {problems.map((problem) => (
        <p key={problem} class="problem">
          {problem}
        </p>
      ))}
    </>
  )
}

interface ChoiceProps {
  readonly title: string
  readonly field: string
  readonly options: readonly (readonly [string, string])[]
  readonly filter: string
  readonly onFilter: (filter: string) => void
}

function Choice({ title, field, options, filter, onFilter }: ChoiceProps): VNode {
  const terms = filter.split(/\s+/).filter((term) => term !== '')
  const chosen = terms.find((term) => term.startsWith(`${field}:`)) ?? ''
  const isKnown = options.some(([term]) => term === chosen)
  const choose = (term: string): void => {
    const others = terms.filter((known) => !known.startsWith(`${field}:`))
    onFilter([...others, ...(term === '' ? [] : [term])].join(' '))
  }
  return (
    <label>
      {title}
      <select value={chosen} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {options.map(([term, text]) => (
          <option key={term} value={term}>
            {text}
          </option>
        ))}
        {!isKnown && <option value={chosen}>{chosen}</option>}
      </select>
    </label>
  )
}
