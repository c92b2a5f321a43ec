import type { VNode } from 'preact'
import type { EntryView } from '../src/view/actions.js'
import { AddressText } from './address-text.js'
import { ago } from './moments.js'
import { plural } from './words.js'

interface Props {
  readonly entries: readonly EntryView[]
  readonly lookedAt: number
  readonly size: number
  readonly stale: boolean
  readonly now: number
  readonly isBusy: boolean
  readonly onRemove: (named: { readonly id: string } | { readonly entry: string }) => void
}

/** Entries in force, and who added each and why. */
export function ListEntries({
  entries,
  lookedAt,
  size,
  stale,
  now,
  isBusy,
  onRemove,
}: Props): VNode {
  return (
    <>
      <p class="quiet">
        {size === 0
          ? 'The list has no entries'
          : `${entries.length} of ${plural(size, 'entry', 'entries')}`}
        {lookedAt < size && `; the first ${lookedAt} were looked at`}
        {stale && '; the store has not answered for a minute'}
      </p>
      <ul class="entries" aria-label="Entries">
        {entries.map(({ id, entry, by, note, added, expires }) => (
          <li key={id ?? entry}>
            <strong>
              <AddressText text={entry} />
            </strong>
            {note !== '' && <span>{note}</span>}
            <span class="quiet">
              {by}, {ago(added, now)}
              {expires !== undefined &&
                `, for ${plural(secondsUntil(expires, now), 'second')} more`}
            </span>
            <button
              type="button"
              disabled={isBusy}
              onClick={() => onRemove(id === undefined ? { entry } : { id })}
            >
              Remove <span class="visually-hidden">{entry}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

function secondsUntil(moment: number, now: number): number {
  return Math.max(0, Math.ceil((moment - now) / 1000))
}
