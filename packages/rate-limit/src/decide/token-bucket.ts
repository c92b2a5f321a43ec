import type { Algorithm } from './algorithm.js'
import { ANY_TIME, LONGEST_TIME, type Take } from './rule.js'

/**
 * Units come back one by one, `limit` of them a window, and at most `capacity` (the burst) are in
 * use: the generic cell rate algorithm, kept as a level and when it was true, because the time at
 * which a bucket is empty loses the fractions of a fast rate.
 *
 * The bound: at most `burst + limit · d / window` units in any interval of `d`.
 */
export const tokenBucket: Algorithm = {
  size: 2,

  used: level,

  wait(numbers, at, now, take, allowed) {
    const over = level(numbers, at, now, take) - allowed
    return over <= 0 ? 0 : Math.min(LONGEST_TIME, (over * take.rule.window) / take.limit)
  },

  isAhead: (numbers, at, now) => (numbers[at + 1] ?? 0) > now,

  rewind(numbers, at, now) {
    numbers[at + 1] = Math.min(now, numbers[at + 1] ?? 0)
  },

  add(numbers, at, now, take, units) {
    numbers[at] = level(numbers, at, now, take) + units
    numbers[at + 1] = now
  },

  /**
   * What was taken may have come back since: only the rest is given back, or it would come back
   * twice. On a clock that was set back, nothing has.
   */
  refund(numbers, at, now, take, units, since) {
    const passed = since === ANY_TIME ? 0 : Math.max(0, now - since)
    const left = units - (passed * take.limit) / take.rule.window
    numbers[at] = Math.max(0, level(numbers, at, now, take) - Math.max(0, left))
    numbers[at + 1] = now
  },
}

function level(numbers: Float64Array, at: number, now: number, take: Take): number {
  // A clock that was set back gives nothing back, and takes nothing.
  const passed = Math.max(0, now - (numbers[at + 1] ?? 0))
  return Math.max(0, (numbers[at] ?? 0) - (passed * take.limit) / take.rule.window)
}
