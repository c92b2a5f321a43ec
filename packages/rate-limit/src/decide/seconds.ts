/**
 * Milliseconds as whole seconds, rounded up: a client that waits so long is not too early. A
 * millionth of a second is no time: it is what adding a period to a clock and taking the clock off
 * again may leave over.
 */
export function wholeSeconds(milliseconds: number): number {
  return Math.max(0, Math.ceil((milliseconds - 0.001) / 1000))
}
