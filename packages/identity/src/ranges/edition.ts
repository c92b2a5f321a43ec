import { type Prefix, PrefixSet, TruehopError } from '@truehop/ip'
import type { Slices } from '@truehop/ip/internal'
import type { RangesList } from './formats.js'
import { MAX_ENTRIES } from './lines.js'

/** One edition of a list: what was in force, or could be. */
export interface Edition {
  readonly set: PrefixSet
  readonly version: string | undefined
  /** Milliseconds since 1970. */
  readonly updatedAt: number
}

/** What an edition must hold to come into force. */
export interface EditionBounds {
  /** Prefixes, at least. */
  readonly minimum: number
  /** The share of prefixes that one update may take away: 0 to 1. */
  readonly maximumShrink: number
  /** Bits of the shortest prefix, by family. */
  readonly widest: Widest
}

export interface Widest {
  readonly 4: number
  readonly 6: number
}

/** An edition that must not come into force. */
export class EditionError extends TruehopError {
  override readonly name = 'EditionError'
  readonly code = 'list-implausible'
}

/** Shorter prefixes are no list of anybody's proxies: a mistake, or an attack on the list. */
export const WIDEST: Widest = { 4: 8, 6: 16 }

/**
 * Checks a list whole: every entry a prefix, none absurdly wide, not too few, and not far fewer
 * than the edition in force.
 *
 * @throws {EditionError} saying what is wrong with it. Nothing of a wrong list is ever used.
 */
export function* makeEdition(
  { entries, version }: RangesList,
  bounds: EditionBounds,
  before: Edition | undefined,
  updatedAt: number,
): Slices<Edition> {
  if (entries.length > MAX_ENTRIES) throw new EditionError(`has over ${MAX_ENTRIES} entries`)
  const set = yield* setOf(entries)
  yield* checkWidths(set, bounds.widest)
  if (set.size < bounds.minimum) {
    throw new EditionError(`has ${set.size} prefixes, fewer than the minimum of ${bounds.minimum}`)
  }
  if (before !== undefined && set.size < before.set.size * (1 - bounds.maximumShrink)) {
    throw new EditionError(`shrank from ${before.set.size} to ${set.size} prefixes`)
  }
  return { set, version, updatedAt }
}

function* setOf(entries: readonly string[]): Slices<PrefixSet> {
  try {
    return yield* PrefixSet.slices(entries)
  } catch (error) {
    throw new EditionError(error instanceof Error ? error.message : String(error))
  }
}

/** Prefixes that are looked at in one piece. */
const PREFIXES_PER_SLICE = 512

function* checkWidths(set: PrefixSet, widest: Widest): Slices<undefined> {
  let looked = 0
  for (const prefix of set) {
    checkWidth(prefix, widest)
    if (++looked % PREFIXES_PER_SLICE === 0) yield
  }
}

function checkWidth({ family, length, text }: Prefix, widest: Widest): void {
  if (length >= widest[family]) return
  throw new EditionError(`has ${text}, wider than any list of proxies (/${widest[family]})`)
}
