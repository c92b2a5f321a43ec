import type { Address } from '@truehop/ip'

/**
 * Ranges that change while the process runs, such as the live ranges of a policy (`rangesFrom(...)`
 * of `@truehop/identity`). Asked for every decision: it answers at once, from the last good copy,
 * and never throws. Fetching, checking and keeping that copy is up to the source.
 */
export interface LiveSource {
  /** Shown as the decision's `source`. */
  readonly name: string
  has(address: Address): boolean
  /** Returns the entry, if the source knows it; otherwise the decision names the source alone. */
  match?(address: Address): { readonly entry: string } | undefined
  status?(): LiveSourceStatus
}

/** What is in force of a source. */
export interface LiveSourceStatus {
  readonly size: number
  /** When it was last known to be current: milliseconds since 1970. */
  readonly updatedAt?: number | undefined
  /** True where it is older than it should get. */
  readonly stale?: boolean | undefined
  /** Changes that were made here and are not in a shared store yet. */
  readonly pending?: number | undefined
}

export function isLiveSource(value: unknown): value is LiveSource {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'has' in value &&
    typeof value.has === 'function'
  )
}

/** The entry of a source that an address is in. */
export function entryIn(source: LiveSource, address: Address): string | undefined {
  if (source.match !== undefined) return source.match(address)?.entry
  return source.has(address) ? source.name : undefined
}
