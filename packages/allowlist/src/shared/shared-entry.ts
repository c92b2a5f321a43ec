import type { Prefix } from '@truehop/ip'
import { isRecord } from '@truehop/options'
import { wallTime } from '../wall-time.js'

/** An entry that all instances share. */
export interface SharedEntry {
  /** RFC 5952 text; with its length unless it is a single address. */
  readonly entry: string
  /** Milliseconds since 1970, or undefined for an entry that stays until it is removed. */
  readonly expires: number | undefined
  readonly note: string | undefined
  /** Who added it. */
  readonly by: string
  /** Milliseconds since 1970. */
  readonly added: number
}

/** An entry as it is held, with times that a changed wall clock does not move. */
export interface HeldEntry {
  readonly entry: string
  /** This and `added` on the clock of `performance.now()`. */
  readonly expires: number | undefined
  readonly added: number
  /** JSON of note and who added it: read when somebody looks. */
  readonly about: string
}

/** An entry on its way, with its prefix. */
export interface PlacedEntry {
  readonly prefix: Prefix
  readonly held: HeldEntry
}

export function placed(
  prefix: Prefix,
  { expires, added, note, by }: Omit<SharedEntry, 'entry'>,
): PlacedEntry {
  const about = JSON.stringify({ note, by })
  return { prefix, held: { entry: entryText(prefix), expires, added, about } }
}

/** What a held entry says. */
export function described({ entry, expires, added, about }: HeldEntry): SharedEntry {
  const times = { expires: expires === undefined ? undefined : wallTime(expires) }
  return { entry, ...times, added: wallTime(added), ...readAbout(about) }
}

/** Somebody else may have written it. */
function readAbout(text: string): { note: string | undefined; by: string } {
  try {
    const about: unknown = JSON.parse(text)
    if (!isRecord(about)) return { note: undefined, by: '' }
    const { note, by } = about
    return { note: typeof note === 'string' ? note : undefined, by: String(by ?? '') }
  } catch {
    return { note: undefined, by: '' }
  }
}

/** How every instance writes a prefix, so that it is one entry however it was written. */
export function entryText({ address, length, text }: Prefix): string {
  return length === (address.family === 4 ? 32 : 128) ? address.text : text
}

export function isOver({ held: { expires } }: PlacedEntry, now: number): boolean {
  return expires !== undefined && expires <= now
}

/** The time at which the last of them expires; undefined if one never does. */
export function latest(entries: readonly (HeldEntry | undefined)[]): number | undefined {
  const times = entries.flatMap((entry) => (entry === undefined ? [] : [entry.expires]))
  const known = times.filter((time) => time !== undefined)
  return known.length < times.length ? undefined : Math.max(...known)
}
