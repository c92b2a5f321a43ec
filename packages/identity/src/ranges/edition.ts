import { type Prefix, PrefixError, PrefixSet, TruehopError } from '@truehop/ip'
import { ENTRIES_PER_SLICE, PrefixRows, type Slices } from '@truehop/ip/internal'
import { MAX_ENTRIES } from './lines.js'

/** One edition of a list: what was in force, or could be. */
export interface Edition {
  readonly set: PrefixSet
  readonly version: string | undefined
  /** Milliseconds since 1970. */
  readonly updatedAt: number
}

/** What an edition must satisfy to come into force. */
export interface EditionBounds {
  /** Minimum number of prefixes. */
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

/** No list of proxies needs shorter prefixes: a mistake, or an attack on the list. */
export const WIDEST: Widest = { 4: 8, 6: 16 }

/** Reads a list: passes each entry to `take`, and returns what the list calls its version. */
export type ListReader = (take: (entry: string) => void) => Slices<string | undefined>

/**
 * Checks a whole list: every entry a prefix, none absurdly wide, not too few, and not far fewer
 * than in the edition in force.
 *
 * @throws {EditionError} saying what is wrong with it, or what the reader throws. No part of a bad
 * list is ever used.
 */
export function* makeEdition(
  read: ListReader,
  bounds: EditionBounds,
  before: Edition | undefined,
  updatedAt: number,
): Slices<Edition> {
  const rows = new PrefixRows()
  const version = yield* read((entry) => checkWidth(added(entry, rows), bounds.widest))
  const set = yield* PrefixSet.ofRows(rows)
  if (set.size < bounds.minimum) {
    throw new EditionError(`has ${set.size} prefixes, fewer than the minimum of ${bounds.minimum}`)
  }
  if (before !== undefined && set.size < before.set.size * (1 - bounds.maximumShrink)) {
    throw new EditionError(`shrank from ${before.set.size} to ${set.size} prefixes`)
  }
  return { set, version, updatedAt }
}

/** The reader of a list that is already there. */
export function writtenList(entries: readonly string[], version: string): ListReader {
  return function* (take) {
    if (entries.length > MAX_ENTRIES) throw new EditionError(`has over ${MAX_ENTRIES} entries`)
    let read = 0
    for (const entry of entries) {
      take(entry)
      if (++read % ENTRIES_PER_SLICE === 0) yield
    }
    return version
  }
}

function added(entry: string, rows: PrefixRows): Prefix {
  try {
    return rows.add(entry)
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    throw new EditionError(error.message)
  }
}

function checkWidth(prefix: Prefix, widest: Widest): void {
  const { family, length } = prefix
  if (length >= widest[family]) return
  throw new EditionError(
    `has ${prefix.text}, wider than a list of proxies may have (/${widest[family]})`,
  )
}
