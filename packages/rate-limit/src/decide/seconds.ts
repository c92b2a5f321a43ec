/**
 * Milliseconds as whole seconds, rounded up: a client that waits that long is not too early. A
 * millionth of a second is ignored: it is the rounding error of adding a period to a clock and
 * subtracting the clock again.
 */
export function wholeSeconds(milliseconds: number): number {
  return Math.max(0, Math.ceil((milliseconds - 0.001) / 1000))
}
