/** Maximum number of requests that wait at the same time: further ones are served at once. */
const MOST = 10_000

let waiting = 0

/** Calls `next` after this many milliseconds; at once for 0, or if too many are already waiting. */
export function afterDelay(milliseconds: number, next: () => void): void {
  if (milliseconds <= 0 || waiting >= MOST) {
    next()
    return
  }
  waiting++
  setTimeout(() => {
    waiting--
    next()
  }, milliseconds)
}
