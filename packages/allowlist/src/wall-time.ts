/**
 * Milliseconds since 1970 for a moment of `performance.now()`, by the wall clock as it is set now.
 *
 * Entries, decisions and verdicts expire on the clock of `performance.now()`: a wall clock that is set
 * back would keep refused clients out for as long again, and one that is set forward would let them in.
 */
export function wallTime(moment: number): number {
  return Math.round(Date.now() + moment - performance.now())
}
