import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { type Facet, shareText } from './filter/facets.js'
import { hasTerm } from './filter/terms.js'

interface Props {
  readonly facets: readonly Facet[]
  readonly filter: string
  readonly onTerm: (term: string) => void
}

/** How many of the decisions found have which status, verdict, reason and rule; each finds them. */
export function Facets({ facets, filter, onTerm }: Props): VNode {
  // On a phone they would push the list out of sight.
  const [isWide] = useState(() => matchMedia('(min-width: 40rem)').matches)
  return (
    <details class="hint" open={isWide}>
      <summary>Counts</summary>
      <dl class="facets">
        {facets.map(({ title, counts }) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>
              {counts.map(({ value, term, count, share }) => (
                <button
                  key={term}
                  type="button"
                  aria-pressed={hasTerm(filter, term)}
                  onClick={() => onTerm(term)}
                >
                  {value} <span class="count">{count}</span>{' '}
                  <span class="quiet">{shareText(share)}</span>
                </button>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
