import { useEffect, useState } from 'preact/hooks'

const DECISION = 'decision='

/** What the page's address names: a decision by its key, or a section. */
export function useNamed(isFilled: boolean) {
  const [hash, setHash] = useState(() => location.hash.slice(1))
  useEffect(() => {
    const follow = (): void => setHash(location.hash.slice(1))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  // A link leads there once there is something in it.
  useEffect(() => {
    if (isFilled) document.getElementById(hash)?.scrollIntoView()
  }, [isFilled, hash])
  const named = hash.startsWith(DECISION) ? hash.slice(DECISION.length) : undefined
  return { named, section: named === undefined ? hash : 'decisions' }
}
