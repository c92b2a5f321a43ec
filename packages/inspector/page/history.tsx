import type { VNode } from 'preact'
import type { PolicyChangeView } from '../src/view/view.js'
import { moment } from './moments.js'
import { plural } from './words.js'

/** What each replacement of the policy took away and brought, newest first. */
export function History({ changes }: { changes: readonly PolicyChangeView[] }): VNode | null {
  if (changes.length === 0) return null
  return (
    <>
      <h3 id="history">What replacements changed</h3>
      <ol class="history" aria-labelledby="history">
        {changes.map((change, index) => (
          <li key={change.version}>
            <details open={index === 0}>
              <summary>
                Version {change.version}, <time>{moment(change.at)}</time>{' '}
                <span class="quiet">
                  {plural(change.removed.length + change.added.length + change.omitted, 'line')}
                </span>
              </summary>
              <Difference change={change} />
            </details>
          </li>
        ))}
      </ol>
    </>
  )
}

function Difference({ change: { removed, added, omitted } }: { change: PolicyChangeView }): VNode {
  if (removed.length + added.length === 0) return <p class="quiet">The same rules again.</p>
  return (
    <ul class="difference">
      {removed.map((line) => (
        <li key={line}>
          <del>{line}</del>
        </li>
      ))}
      {added.map((line) => (
        <li key={line}>
          <ins>{line}</ins>
        </li>
      ))}
      {omitted > 0 && <li class="quiet">and {plural(omitted, 'line')} more</li>}
    </ul>
  )
}
