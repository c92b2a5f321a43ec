/** How units that were used come back. */
export const ALGORITHMS = ['sliding-window', 'token-bucket', 'fixed-window'] as const
export type AlgorithmName = (typeof ALGORITHMS)[number]

/** A ban of a key that keeps asking after it was refused. */
export interface BanRule {
  /** Refusals within one window that lead to the ban, 1 or more. */
  readonly after: number
  /** Milliseconds of the first ban. */
  readonly length: number
  /** How many times longer each further ban is than the one before, 1 or more. */
  readonly backOff: number
  /** Milliseconds: no ban is longer. */
  readonly longest: number
}

/** How one quota counts. Plain data: stores ship it to other processes. */
export interface Rule {
  /** Distinguishes it from the other rules of a store. */
  readonly name: string
  /** The limit that this is one window of, if a limit's window differs by request. */
  readonly windowOf?: string | undefined
  readonly algorithm: AlgorithmName
  /** Milliseconds. */
  readonly window: number
  readonly ban: BanRule | undefined
  /** True if units may be given back before they have come back by themselves. */
  readonly refunds: boolean
}

/** The state of one key of one quota: numbers of a table, from an offset on. All 0: never used. */
export interface Cell {
  readonly numbers: Float64Array
  readonly at: number
}

/** What a request takes from one key of one quota. */
export interface Take {
  readonly rule: Rule
  /** Units that may be in use at the same time: the limit, or the burst of a token bucket. */
  readonly capacity: number
  /** Units that come back within a window. */
  readonly limit: number
  readonly cost: number
  /** Decides, but refuses no request. */
  readonly shadow: boolean
}

/** Where a key stands, on the clock of the store. */
export interface Count {
  /** Units in use: used, and not yet come back. */
  readonly used: number
  /** Milliseconds until `cost` units have room; 0 if they have it now. */
  readonly wait: number
  /** Milliseconds until all units have come back. */
  readonly rest: number
  /** Milliseconds until a ban ends; 0 if there is none. */
  readonly banned: number
}

/**
 * Milliseconds: the longest window, and no wait of a token bucket is said to be longer. Units of a
 * large burst, or charged beyond it, may need longer than a server can keep a key.
 */
export const LONGEST_TIME = 1e13

/** For units that are given back whenever they were taken: the latest first. */
export const ANY_TIME = -1

/** Units in use above which requests wait; milliseconds for each unit above, and the maximum. */
export interface SlowDownTerms {
  readonly after: number
  readonly delay: number
  readonly longest: number
}
