import { TruehopError } from '../error/truehop-error.js'

/**
 * `bad-cidr`: the part before the `/` is not an address. `bad-prefix`: the part after it is not a
 * length.
 */
export type PrefixErrorCode = 'bad-cidr' | 'bad-prefix'

/** Why an entry is not a prefix. The message names the entry and says what to write instead. */
export class PrefixError extends TruehopError {
  override readonly name = 'PrefixError'
  readonly code: PrefixErrorCode
  /** The entry as it was given, whole. */
  readonly entry: string
  /** What is wrong and what to write instead, without the entry. */
  readonly reason: string

  constructor(code: PrefixErrorCode, entry: string, reason: string) {
    super(`${quote(entry)} is not an IP prefix: ${reason}`)
    this.code = code
    this.entry = entry
    this.reason = reason
  }
}

/** The text in quotes, control characters escaped, cut after 80 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

/** Throws PrefixError for a string, whose characters would be taken for the entries. */
export function refuseText(entries: unknown): void {
  if (typeof entries !== 'string') return
  throw new PrefixError('bad-cidr', entries, `write an array of entries, [${quote(entries)}]`)
}
