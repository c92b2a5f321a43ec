/** Requests that wait at the same time, at most: further ones are served at once. */
const MOST = 10_000

let waiting = 0

/** Calls `next` after so many milliseconds; at once for 0, and where too many wait already. */
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
