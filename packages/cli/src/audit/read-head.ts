import type { Head } from '@truehop/log'
import { UsageError } from '../program/usage-error.js'

/** For an option that may be repeated. */
export function addHead(text: string, heads: readonly Head[] = []): Head[] {
  return [...heads, readHead(text)]
}

/**
 * The number and the hash of a record, `SEQ:HASH`.
 *
 * @throws {UsageError} for anything else.
 */
export function readHead(text: string): Head {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text)
  if (match === null) {
    throw new UsageError(`${text} is not a head; write SEQ:HASH with 64 hexadecimal digits`)
  }
  return { seq: Number(match[1]), hash: match[2] ?? '' }
}
