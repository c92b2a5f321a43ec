import { finished, type Writable } from 'node:stream'

/** Maximum number of requests that wait at the same time: further ones are served at once. */
const MOST = 10_000

let waiting = 0

/**
 * Calls `next` after this many milliseconds; at once for 0, or if too many are already waiting.
 *
 * Never, if the client goes away meanwhile: it would be work for nobody, and clients that leave could
 * occupy all places and so be served at once.
 */
export function afterDelay(milliseconds: number, response: Writable, next: () => void): void {
  if (milliseconds <= 0 || waiting >= MOST) {
    next()
    return
  }
  waiting++
  const timer = setTimeout(() => {
    stopWatching()
    waiting--
    next()
  }, milliseconds)
  const stopWatching = finished(response, () => {
    stopWatching()
    clearTimeout(timer)
    waiting--
  })
}
