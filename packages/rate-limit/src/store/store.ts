import type { Count, Take } from '../decide/rule.js'
import type { Key } from '../limits/key.js'

/** What a request takes from one quota, and under which key. */
export interface Line extends Take {
  readonly key: Key
  /**
   * The key of the widest network that the line's limit counts around the client; absent if that is
   * the key itself. Lines with one home are counted in one place.
   */
  readonly home?: Key | undefined
}

/** What to do with some lines, all of them or none. */
export type Act =
  /** Takes the units if all lines have room, and nothing if one has none. */
  | { readonly do: 'take' }
  /** Returns where the keys stand. */
  | { readonly do: 'peek' }
  /** Takes the units, whether they have room or not: they were used. */
  | { readonly do: 'charge' }
  /** Gives back units that were taken at `since`, an `at` of this store. */
  | { readonly do: 'refund'; readonly since: number }
  /** Forgets the keys, bans included. */
  | { readonly do: 'reset' }
  /** Bans the keys. Milliseconds. */
  | { readonly do: 'ban'; readonly length: number }

export interface Answer {
  /** True if the units were taken or, for other acts, if they were done. */
  readonly done: boolean
  /** When, in milliseconds of the store's own clock. */
  readonly at: number
  /**
   * Where each line's key stands after that, by its index among the lines; undefined if it was not
   * asked for.
   */
  readonly counts: readonly (Count | undefined)[]
  /** Lines whose refusal began a ban. */
  readonly banned: readonly number[]
}

/** Where a line is counted. */
export interface Place {
  /** Lines of one group are decided together, at once and all or none. */
  readonly group: string
  /** What can fail by itself, without affecting other nodes. */
  readonly node: string
}

/**
 * A place to count in. Several limiters may share one. `@truehop/rate-limit/store-tests` checks
 * what all of them must do.
 */
export interface Store {
  readonly kind: string
  /** Answers at once if it can. Rejects only if the outcome of the act is unknown. */
  ask(act: Act, lines: readonly Line[], place: Place): Answer | Promise<Answer>
  /** Where a line is counted; without it, all are in one place. */
  place?(line: Line): Place
}

/** Where all lines are counted in a store that has only one place. */
export const ONE_PLACE: Place = { group: '', node: '' }

export function isStore(value: unknown): value is Store {
  if (typeof value !== 'object' || value === null) return false
  return (
    'kind' in value &&
    typeof value.kind === 'string' &&
    'ask' in value &&
    typeof value.ask === 'function'
  )
}

/** Whether a store has answered, and with numbers only: a wait that is none would never end. */
export function isAnswer({ done, counts, banned }: Answer): boolean {
  if (typeof done !== 'boolean' || !Array.isArray(counts) || !Array.isArray(banned)) return false
  return counts.every(isCount)
}

function isCount(count: Count | undefined): boolean {
  if (count === undefined) return true
  const { used, wait, rest, banned } = count
  return [used, wait, rest, banned].every(Number.isFinite)
}
