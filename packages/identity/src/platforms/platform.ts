import type { OriginalPart } from '../policy/options.js'

/** How sure a fact is, from the surest to the least. */
export type Confidence =
  | 'documented by vendor'
  | 'source code'
  | 'stated by maintainer'
  | 'observed by users'
  | 'only inferred'
  | 'contradicting'

/** Where a fact of a platform was read. */
export interface PlatformSource {
  readonly what: string
  readonly confidence: Confidence
  /** `YYYY-MM-DD`. */
  readonly read: string
}

/** What a platform does with one request header. */
export interface PlatformHeader {
  readonly name: string
  readonly mode: string
  readonly form: string
  readonly note: string
}

/** One hop rule of a platform, before it has the addresses of its peers. */
export interface PlatformRule {
  /** Added to the platform's id, if it has more than one rule. */
  readonly name?: string | undefined
  /** Absent: the platform's peers. */
  readonly from?: readonly string[] | undefined
  readonly asserts: string
  readonly depth?: number | undefined
  readonly required?: boolean | undefined
  /**
   * What the platform is known to write about the original request, but nothing that it only passes
   * on.
   */
  readonly original: readonly OriginalPart[]
}

/** What an entry may say about a platform besides its name. */
export interface PlatformParameter {
  readonly name: 'from' | 'header'
  readonly required: boolean
  /** Values of `header`, the default first. */
  readonly values?: readonly string[] | undefined
  /** For `from`: what to name and where to look it up. */
  readonly says: string
}

/** A dated list of addresses that a platform's peers have. */
export interface PlatformRanges {
  readonly source: string
  /** How `rangesFrom` reads it; absent if it is not published as a list. */
  readonly format?: string | undefined
  readonly date?: string | undefined
}

/**
 * What is in front of a service: who the peer is, what it writes, and what a client can still
 * influence. It expands to plain hop rules; nothing else in the library knows about platforms.
 */
export interface Platform {
  readonly id: string
  readonly name: string
  /** Who connects to the service. */
  readonly peer: string
  /** Entries for `from` if the user names none; empty if only the user can know them. */
  readonly peers: readonly string[]
  /** The rules in policy order, by the header that is believed. The first key is the default. */
  readonly rules: Readonly<Record<string, readonly PlatformRule[]>>
  /**
   * Platforms behind which this one adds no entry of its own: if the policy names such a platform
   * too, its rules apply to this one's peers in place of this one's rules.
   */
  readonly silentBehind?: readonly string[] | undefined
  readonly parameters: readonly PlatformParameter[]
  readonly ranges: PlatformRanges | undefined
  readonly writes: readonly PlatformHeader[]
  /** Which of scheme and host it writes. */
  readonly scheme: string
  readonly clientCanInfluence: string
  /** What keeps clients from bypassing the platform. */
  readonly closesDirectAccess: string
  readonly proxyProtocol: string
  /** How its health checks look. */
  readonly healthChecks: string
  /** Since when the product is no longer maintained, if it is not. */
  readonly retired?: string | undefined
  readonly sources: readonly PlatformSource[]
}
