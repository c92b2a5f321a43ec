import type { NodeReading } from './node.js'

/** What the walk needs of any evidence that names hops: entries, nearest first, each read once. */
export interface EntryCursor<Reading = NodeReading> {
  /** What has not been read yet, as received. */
  readonly unread: string
  /** Whether an entry is left to read. Cheap, and interprets nothing. */
  hasUnread(): boolean
  /** Reads the next entry. Call `hasUnread()` first. */
  read(): Reading
  /** Passes over the next entry without interpreting it. Call `hasUnread()` first. */
  skip(): void
  /** The entry that was read or skipped last, as written. */
  readonly element: string
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
