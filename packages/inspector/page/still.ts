import { useRef, useState } from 'preact/hooks'

/** What is shown stays as it is while the pointer is over it: what is clicked is what was aimed at. */
export function useStill<T>(newest: T) {
  const [isOver, setOver] = useState(false)
  return {
    shown: useFrozen(newest, isOver),
    over: { onPointerEnter: () => setOver(true), onPointerLeave: () => setOver(false) },
  }
}

/** The value as it was when `isFrozen` became true. */
export function useFrozen<T>(newest: T, isFrozen: boolean): T {
  const kept = useRef(newest)
  if (!isFrozen) kept.current = newest
  return kept.current
}
