import type { Algorithm } from './algorithm.js'
import { ANY_TIME } from './rule.js'

/**
 * A window begins when the first unit is used, and all units come back when it ends.
 *
 * The bound: `limit` units from the beginning of a window to its end, and so up to twice as many in
 * an interval that contains an end. The cheapest to keep, and what most other limiters do.
 */
export const fixedWindow: Algorithm = {
  size: 2,

  used: (numbers, at, now, { rule }) =>
    isRunning(numbers, at, now, rule.window) ? (numbers[at] ?? 0) : 0,

  wait(numbers, at, now, { rule }, allowed) {
    if (!isRunning(numbers, at, now, rule.window) || (numbers[at] ?? 0) <= allowed) return 0
    return rule.window - Math.max(0, now - (numbers[at + 1] ?? 0))
  },

  isAhead: (numbers, at, now) => (numbers[at + 1] ?? 0) > now,

  rewind(numbers, at, now) {
    numbers[at + 1] = Math.min(now, numbers[at + 1] ?? 0)
  },

  add(numbers, at, now, { rule }, units) {
    if (!isRunning(numbers, at, now, rule.window)) {
      numbers[at] = 0
      numbers[at + 1] = now
    } else if ((numbers[at + 1] ?? 0) > now) {
      // Begun on a clock that has been set back since: it ends one window from now.
      numbers[at + 1] = now
    }
    numbers[at] = (numbers[at] ?? 0) + units
  },

  refund(numbers, at, now, { rule }, units, since) {
    const begin = numbers[at + 1] ?? 0
    if (!isRunning(numbers, at, now, rule.window) || (since !== ANY_TIME && since < begin)) return
    numbers[at] = Math.max(0, (numbers[at] ?? 0) - units)
  },
}

/** The numbers: units, and when the window began. */
function isRunning(numbers: Float64Array, at: number, now: number, window: number): boolean {
  return (numbers[at] ?? 0) > 0 && now - (numbers[at + 1] ?? 0) < window
}
