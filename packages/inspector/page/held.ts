import { useState } from 'preact/hooks'
import type { DecisionView } from '../src/view/view.js'

interface Held {
  readonly decisions: readonly DecisionView[]
  /** Whether by the button, or by somebody who is in the list. */
  readonly by: 'button' | 'list'
}

/**
 * Holds the list still while somebody is in it: in a flood the walk that was opened, or the row
 * with the focus, would be pushed out of it within a second.
 */
export function useHeld(decisions: readonly DecisionView[]) {
  const [held, setHeld] = useState<Held>()
  const release = (): void => setHeld(undefined)
  return {
    held: held?.decisions,
    hold: (by: Held['by']): void => setHeld((known) => known ?? { decisions, by }),
    release,
    /** Goes on where nothing is left open. */
    leave: ({ currentTarget, relatedTarget }: TargetedFocusEvent): void => {
      const isInside = relatedTarget instanceof Node && currentTarget.contains(relatedTarget)
      if (isInside || held?.by === 'button') return
      if (currentTarget.querySelector('details[open]') === null) release()
    },
  }
}

type TargetedFocusEvent = Pick<FocusEvent, 'relatedTarget'> & { readonly currentTarget: Element }

/** How many have come since. */
export function newerThan(
  held: readonly DecisionView[],
  decisions: readonly DecisionView[],
): number {
  const known = held[0]?.id ?? 0
  const index = decisions.findIndex(({ id }) => id <= known)
  return index === -1 ? decisions.length : index
}
