import type { Take } from './rule.js'

/**
 * How one algorithm keeps the units of a key, in a few numbers that all start at 0. Times are
 * milliseconds of one clock, the store's. Pure: the same numbers give the same answer, so that a
 * store may keep them anywhere.
 */
export interface Algorithm {
  /** Numbers per key. */
  readonly size: number
  /** Units in use. */
  used(numbers: Float64Array, at: number, now: number, take: Take): number
  /** Milliseconds until no more than `allowed` units are in use, `allowed` 0 or more. */
  wait(numbers: Float64Array, at: number, now: number, take: Take, allowed: number): number
  /** True where units were used later than now: on a clock that was set back since. */
  isAhead(numbers: Float64Array, at: number, now: number): boolean
  /** Has units that were used later than now used now, so that they come back a window from now. */
  rewind(numbers: Float64Array, at: number, now: number): void
  /** Takes units, whether they have room or not. */
  add(numbers: Float64Array, at: number, now: number, take: Take, units: number): void
  /**
   * Gives back units that were taken at `since`, or at any time if that is `ANY_TIME`: never more
   * of them than are still in use.
   */
  refund(
    numbers: Float64Array,
    at: number,
    now: number,
    take: Take,
    units: number,
    since: number,
  ): void
}
