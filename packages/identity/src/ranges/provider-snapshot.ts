import type { RangesFormat } from './formats.js'

/** A dated copy of a provider's list, for `from: [...providers.cloudflare.entries]` or `initial`. */
export interface ProviderSnapshot {
  readonly entries: readonly string[]
  /**
   * The day of the copy, `YYYY-MM-DD`. Lists change: refresh them, or follow them with rangesFrom.
   */
  readonly date: string
  /** Where the provider publishes the list. */
  readonly source: string
  /** How `rangesFrom` reads what is published there. */
  readonly format: RangesFormat
}
