import type { Widest } from './edition.js'
import type { RangesFormat, RangesSelect } from './formats.js'

interface CommonRangesOptions {
  /** For logs, explanations and `policy.status()`. Default: the file or URL. */
  readonly name?: string | undefined
  readonly format: RangesFormat
  /** Which entries count; for `github`, `{ list: ['hooks'] }` names the lists and is required. */
  readonly select?: RangesSelect | undefined
  /** Seconds between two reads of the source, 1 to 604,800. Default 5 for files, 3600 for URLs. */
  readonly refresh?: number | undefined
  /** Minimum number of prefixes in a list. Default 1. */
  readonly minimum?: number | undefined
  /** The share of prefixes that one update may take away, 0 to 1. Default 0.5. */
  readonly maximumShrink?: number | undefined
  /**
   * Bits of the shortest prefixes that a list may have, 1 and up. Default 8 and 16. For deny lists,
   * some of which contain all of multicast (224.0.0.0/3).
   */
  readonly widest?:
    | { readonly ipv4?: number | undefined; readonly ipv6?: number | undefined }
    | undefined
  /** Seconds after which unconfirmed ranges are stale. Default 30 days. */
  readonly staleAfter?: number | undefined
  /**
   * A file in which the last good copy is kept across restarts. Nobody but the service should be
   * able to write to it: its contents are trusted.
   */
  readonly keep?: string | undefined
  /** Ranges in force until the first list arrives, such as one of `providers`. */
  readonly initial?: InitialRanges | undefined
}

/** A list, and its date: `2026-01-31`. */
export interface InitialRanges {
  readonly entries: readonly string[]
  readonly date: string
}

/** Ranges in a file, looked at for changes. */
export interface FileRangesOptions extends CommonRangesOptions {
  readonly file: string
}

/** Ranges at a URL, polled. `https:`, or `http:` on a loopback address. */
export interface UrlRangesOptions extends CommonRangesOptions {
  readonly url: string
}

export type RangesOptions = FileRangesOptions | UrlRangesOptions

/** `RangesOptions` with the defaults filled in, valid. */
export interface RangesSettings {
  readonly name: string
  readonly file: string | undefined
  readonly url: URL | undefined
  readonly format: RangesFormat
  readonly select: RangesSelect
  readonly refresh: number
  readonly minimum: number
  readonly maximumShrink: number
  readonly widest: Widest
  readonly staleAfter: number
  readonly keep: string | undefined
  readonly initial: InitialRanges | undefined
}
