import type { AddressPrivacy } from '@truehop/log'

/** How a log is rewritten. */
export interface Masking {
  readonly privacy: AddressPrivacy
  /** Also in paths, queries, user agents and referrers, which a live record leaves as they are. */
  readonly everywhere: boolean
}

/** A line as it may be passed on, or why it may not be. */
export type Masked = { readonly line: string } | { readonly reason: string }

/** A time, which has colons and no address. */
export const DATE_TIME =
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?$/

/** A token that the `hmac` form wrote. */
const TOKENS = /\bhmac-[\da-f]{32}\b/g

/** A text with its addresses as `privacy` shows them; where they are left out, tokens go as well. */
export function maskText(text: string, { privacy }: Masking, at: number | undefined): string {
  const masked = privacy.redact(text, at)
  return privacy.form === 'none' ? masked.replace(TOKENS, '[redacted]') : masked
}

export const NO_TIME = 'has no time that can be read, and tokens depend on it'
