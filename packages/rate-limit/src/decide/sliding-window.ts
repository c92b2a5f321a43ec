import type { Algorithm } from './algorithm.js'
import { ANY_TIME, type Take } from './rule.js'

/** Parts of a window. Units are remembered by the part in which they were used. */
export const PARTS = 8

/** Pairs per key: a window touches one part more than it has. */
const PAIRS = PARTS + 1

/**
 * At most `limit` units in any interval of `window`: half open, without its first moment.
 *
 *       part     part     part
 *     ├────────┼────────┼────────┤
 *      2 units           3 units
 *          └ last used       └ last used
 *
 * Time is cut into parts of an eighth of the window. For each part there is one pair of numbers:
 * when it was last used, and how many units. All of them count as if used at that moment, and come
 * back together one window later.
 *
 * The bound: no unit comes back before its window is over, so no interval contains more than the
 * limit. It comes back at most an eighth of a window too late, if others in its part were used
 * after it: under a load that never pauses, at most 1/9 of the limit is refused early. A burst, and
 * a client that asks less than once a part, are counted exactly.
 */
export const slidingWindow: Algorithm = {
  size: 2 * PAIRS,

  used(numbers, at, now, { rule: { window } }) {
    let units = 0
    for (let i = at; i < at + 2 * PAIRS; i += 2) {
      if (now - (numbers[i] ?? 0) < window) units += numbers[i + 1] ?? 0
    }
    return units
  },

  wait(numbers, at, now, take, allowed) {
    const { window } = take.rule
    if (allowed === 0) return untilLatest(numbers, at, now, window)
    let inUse = slidingWindow.used(numbers, at, now, take)
    if (inUse <= allowed) return 0
    let last = Number.NEGATIVE_INFINITY
    while (inUse > allowed) {
      last = earliest(numbers, at, now, window, last)
      // A clock that was set back: what was used in its future counts as used now.
      if (last > now) return window
      for (let i = at; i < at + 2 * PAIRS; i += 2) {
        if (numbers[i] === last) inUse -= numbers[i + 1] ?? 0
      }
    }
    return window - (now - last)
  },

  isAhead(numbers, at, now) {
    for (let i = at; i < at + 2 * PAIRS; i += 2) if ((numbers[i] ?? 0) > now) return true
    return false
  },

  rewind(numbers, at, now) {
    for (let i = at; i < at + 2 * PAIRS; i += 2) numbers[i] = Math.min(now, numbers[i] ?? 0)
  },

  add(numbers, at, now, take, units) {
    const i = pairFor(numbers, at, now, take)
    numbers[i] = now
    numbers[i + 1] = (numbers[i + 1] ?? 0) + units
  },

  refund(numbers, at, now, { rule: { window } }, units, since) {
    if (since === ANY_TIME) {
      refundLatest(numbers, at, now, window, units)
      return
    }
    const part = window / PARTS
    for (let i = at; i < at + 2 * PAIRS; i += 2) {
      const last = numbers[i] ?? 0
      if (now - last >= window || Math.floor(last / part) !== Math.floor(since / part)) continue
      numbers[i + 1] = Math.max(0, (numbers[i + 1] ?? 0) - units)
    }
  },
}

/** Milliseconds until nothing is in use. */
function untilLatest(numbers: Float64Array, at: number, now: number, window: number): number {
  let latest = Number.NEGATIVE_INFINITY
  for (let i = at; i < at + 2 * PAIRS; i += 2) {
    const last = numbers[i] ?? 0
    if ((numbers[i + 1] ?? 0) > 0 && last > latest) latest = last
  }
  return latest > now ? window : Math.max(0, window - (now - latest))
}

/** The earliest use after `after`, of units that are in use. */
function earliest(
  numbers: Float64Array,
  at: number,
  now: number,
  window: number,
  after: number,
): number {
  let found = Number.POSITIVE_INFINITY
  for (let i = at; i < at + 2 * PAIRS; i += 2) {
    const last = numbers[i] ?? 0
    const isInUse = (numbers[i + 1] ?? 0) > 0 && now - last < window
    if (isInUse && last > after && last < found) found = last
  }
  return found
}

function refundLatest(
  numbers: Float64Array,
  at: number,
  now: number,
  window: number,
  units: number,
): void {
  for (let left = units; left > 0; ) {
    let latest = -1
    for (let i = at; i < at + 2 * PAIRS; i += 2) {
      const isInUse = (numbers[i + 1] ?? 0) > 0 && now - (numbers[i] ?? 0) < window
      if (isInUse && (latest < 0 || (numbers[i] ?? 0) > (numbers[latest] ?? 0))) latest = i
    }
    if (latest < 0) return
    const held = numbers[latest + 1] ?? 0
    numbers[latest + 1] = Math.max(0, held - left)
    left -= held
  }
}

/** The pair of the current part, emptied if another part had it. */
function pairFor(numbers: Float64Array, at: number, now: number, { rule }: Take): number {
  const part = rule.window / PARTS
  let free = -1
  let oldest = at
  for (let i = at; i < at + 2 * PAIRS; i += 2) {
    const last = numbers[i] ?? 0
    if (last > now) numbers[i] = now
    if (now - last >= rule.window || numbers[i + 1] === 0) free = i
    else if (Math.floor(Math.min(last, now) / part) === Math.floor(now / part)) return i
    else if (last < (numbers[oldest] ?? 0)) oldest = i
  }
  // Only if a clock was set back: units of two parts then count as used in the later one.
  if (free < 0) return oldest
  numbers[free + 1] = 0
  return free
}
