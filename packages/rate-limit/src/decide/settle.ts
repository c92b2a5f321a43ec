import { algorithmOf } from './algorithms.js'
import { bannedFor, banRest, banSize, noteRefusal } from './ban.js'
import type { Cell, Count, Rule, Take } from './rule.js'

/** Numbers that a key of a rule has. */
export function cellSize(rule: Rule): number {
  return algorithmOf(rule.algorithm).size + banSize(rule)
}

/** Where a key stands, and whether the take has room. Changes nothing. */
export function look(take: Take, { numbers, at }: Cell, now: number): Count {
  const algorithm = algorithmOf(take.rule.algorithm)
  const banAt = at + algorithm.size
  const banned = bannedFor(numbers, banAt, now)
  const used = algorithm.used(numbers, at, now, take)
  const allowed = Math.max(0, take.capacity - take.cost)
  const fits = take.cost <= take.capacity && used <= allowed && banned === 0
  const rest = used === 0 ? 0 : algorithm.wait(numbers, at, now, take, 0)
  if (fits) return { used, wait: 0, rest, banned }
  const room = algorithm.wait(numbers, at, now, take, allowed)
  // A take that never has room gets a wait of one window: no time would be right.
  const wait = Math.max(banned, room, take.cost > take.capacity ? take.rule.window : 0)
  return { used, wait, rest, banned }
}

/** True if a take is refused. */
export function isRefused({ wait }: Count): boolean {
  return wait > 0
}

/** Takes the units, and returns where the key stands after that. */
export function enter(take: Take, { numbers, at }: Cell, now: number): Count {
  const algorithm = algorithmOf(take.rule.algorithm)
  algorithm.add(numbers, at, now, take, take.cost)
  const used = algorithm.used(numbers, at, now, take)
  const rest = algorithm.wait(numbers, at, now, take, 0)
  return { used, wait: 0, rest, banned: 0 }
}

/** True where a key has units of a time to come: the clock of the store was set back. */
export function isAhead(take: Take, { numbers, at }: Cell, now: number): boolean {
  return algorithmOf(take.rule.algorithm).isAhead(numbers, at, now)
}

/** Without it, a client that is refused would wait until the clock is where it was. */
export function rewind(take: Take, { numbers, at }: Cell, now: number): void {
  algorithmOf(take.rule.algorithm).rewind(numbers, at, now)
}

/** Counts a refusal against the key, if its rule has a ban. */
export function refuse(take: Take, { numbers, at }: Cell, now: number, count: Count): Count {
  const banAt = at + algorithmOf(take.rule.algorithm).size
  if (!noteRefusal(numbers, banAt, now, take.rule)) return count
  const banned = bannedFor(numbers, banAt, now)
  return { ...count, wait: Math.max(count.wait, banned), banned }
}

export function giveBack(take: Take, { numbers, at }: Cell, now: number, since: number): void {
  algorithmOf(take.rule.algorithm).refund(numbers, at, now, take, take.cost, since)
}

/** Milliseconds after which the numbers of a key no longer matter. */
export function restOf(take: Take, { numbers, at }: Cell, now: number): number {
  const algorithm = algorithmOf(take.rule.algorithm)
  const units = algorithm.wait(numbers, at, now, take, 0)
  return Math.max(units, banRest(numbers, at + algorithm.size, now, take.rule))
}
