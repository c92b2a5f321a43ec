import type { NodePlace, UnidentifiedNode } from './node.js'

/**
 * What the walk needs of any evidence that names hops: entries, nearest first, each read once.
 * `Instead` is what an entry says that names no node.
 */
export interface EntryCursor<Instead = UnidentifiedNode> {
  /** What has not been read yet, as received. */
  readonly unread: string
  /** Whether an entry is left to read. Cheap, and interprets nothing. */
  hasUnread(): boolean
  /**
   * Reads the next entry and puts the node that it names into the place; returns what it says
   * instead if it names none. Call `hasUnread()` first.
   */
  readInto(place: NodePlace): Instead | undefined
  /** Passes over the next entry without interpreting it. Call `hasUnread()` first. */
  skip(): void
  /** The entry that was read or skipped last, as written. */
  readonly element: string
  /** Goes back to where no entry has been read. */
  restart(): void
}

/**
 * The text of a header as Node gives it. Several lines come joined by `, ` from Node's HTTP
 * parsers; an array (as other sources of headers have it) is joined the same way, RFC 9110 section
 * 5.3. Anything else counts as an absent header.
 */
export function headerText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return undefined
  return value.filter((line) => typeof line === 'string').join(', ')
}
