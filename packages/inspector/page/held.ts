import { useState } from 'preact/hooks'

/** By the button, by what is open or has the focus, or by the pointer over it. */
type HeldBy = 'button' | 'focus' | 'pointer'

/**
 * Holds a list still while somebody is in it: in a flood the walk that was opened, or the row under
 * the pointer, would be pushed away within a second, and another one be clicked.
 */
export function useHeld<T>(newest: T) {
  const [held, setHeld] = useState<{ readonly value: T; readonly by: HeldBy }>()
  const [isOver, setOver] = useState(false)
  const hold = (by: HeldBy): void =>
    setHeld((known) => ({ value: known?.value ?? newest, by: stronger(known?.by, by) }))
  const goOn = (list: Element, by: HeldBy): void => {
    if (held?.by === 'button' || list.querySelector('details[open]') !== null) return
    setHeld((known) => (known === undefined || by === 'focus' ? undefined : { ...known, by }))
  }
  return {
    held: held?.value,
    by: held?.by,
    isOver,
    hold,
    release: (): void => setHeld(undefined),
    /** For the list: goes on where nobody is in it any more, and nothing is left open. */
    within: {
      onPointerEnter: () => {
        setOver(true)
        hold('pointer')
      },
      onPointerLeave: ({ currentTarget }: { readonly currentTarget: Element }): void => {
        setOver(false)
        if (!currentTarget.contains(document.activeElement)) goOn(currentTarget, 'focus')
      },
      onFocusIn: () => hold('focus'),
      onFocusOut: ({ currentTarget, relatedTarget }: TargetedFocusEvent): void => {
        const isInside = relatedTarget instanceof Node && currentTarget.contains(relatedTarget)
        if (!isInside) goOn(currentTarget, isOver ? 'pointer' : 'focus')
      },
    },
  }
}

type TargetedFocusEvent = Pick<FocusEvent, 'relatedTarget'> & { readonly currentTarget: Element }

const STRENGTH: readonly HeldBy[] = ['pointer', 'focus', 'button']

function stronger(known: HeldBy | undefined, by: HeldBy): HeldBy {
  return known !== undefined && STRENGTH.indexOf(known) > STRENGTH.indexOf(by) ? known : by
}

/** How many have come since. */
export function newerThan(
  held: readonly { readonly key: string }[],
  newest: readonly { readonly key: string }[],
): number {
  const known = held[0]?.key
  const index = newest.findIndex(({ key }) => key === known)
  return index === -1 ? newest.length : index
}
