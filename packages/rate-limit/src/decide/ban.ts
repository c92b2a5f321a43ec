import type { BanRule, Rule } from './rule.js'

/** After the numbers of the algorithm: when the ban ends; any key can be banned by hand. */
const BANNED_UNTIL = 0
/** Only if refusals lead to a ban: how many were counted, until when, and bans so far. */
const REFUSALS = 1
const COUNTED_UNTIL = 2
const BANS = 3

/** Numbers per key. */
export function banSize({ ban }: Rule): number {
  return ban === undefined ? 1 : 4
}

/** Milliseconds until the ban of a key ends; 0 if it has none. */
export function bannedFor(numbers: Float64Array, at: number, now: number): number {
  return Math.max(0, (numbers[at + BANNED_UNTIL] ?? 0) - now)
}

/** Milliseconds for which the numbers of a ban matter. */
export function banRest(numbers: Float64Array, at: number, now: number, rule: Rule): number {
  if (rule.ban === undefined) return bannedFor(numbers, at, now)
  const counted = (numbers[at + COUNTED_UNTIL] ?? 0) - now
  return Math.max(0, counted, forgottenAt(numbers, at, rule, rule.ban) - now)
}

/** Counts a refusal, and begins a ban if it is one too many. True if one began. */
export function noteRefusal(numbers: Float64Array, at: number, now: number, rule: Rule): boolean {
  const { ban } = rule
  if (ban === undefined || bannedFor(numbers, at, now) > 0) return false
  if ((numbers[at + COUNTED_UNTIL] ?? 0) <= now) {
    numbers[at + REFUSALS] = 0
    numbers[at + COUNTED_UNTIL] = now + rule.window
  }
  const refusals = (numbers[at + REFUSALS] ?? 0) + 1
  numbers[at + REFUSALS] = refusals
  if (refusals < ban.after) return false
  if (forgottenAt(numbers, at, rule, ban) <= now) numbers[at + BANS] = 0
  const bans = (numbers[at + BANS] ?? 0) + 1
  numbers[at + BANS] = bans
  numbers[at + BANNED_UNTIL] = now + lengthOf(ban, bans)
  numbers[at + REFUSALS] = 0
  numbers[at + COUNTED_UNTIL] = 0
  return true
}

/**
 * Bans a key by hand. Milliseconds; never shorter than a ban already in force. Earlier bans that are
 * forgotten stay forgotten, though this one ends later than they did.
 */
export function banFor(
  numbers: Float64Array,
  at: number,
  now: number,
  length: number,
  rule: Rule,
): void {
  if (rule.ban !== undefined && forgottenAt(numbers, at, rule, rule.ban) <= now) {
    numbers[at + BANS] = 0
  }
  numbers[at + BANNED_UNTIL] = Math.max(numbers[at + BANNED_UNTIL] ?? 0, now + length)
}

/** Bans are remembered for as long again as the last one lasted, and for at least a window. */
function forgottenAt(numbers: Float64Array, at: number, rule: Rule, ban: BanRule): number {
  const bans = numbers[at + BANS] ?? 0
  const until = numbers[at + BANNED_UNTIL] ?? 0
  return bans === 0 ? until : until + Math.max(rule.window, lengthOf(ban, bans))
}

function lengthOf(ban: BanRule, bans: number): number {
  return Math.min(ban.longest, ban.length * ban.backOff ** (bans - 1))
}
