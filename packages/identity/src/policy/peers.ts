import { type Address, PeerSet } from '@truehop/ip'
import { hasNoAddress, type WalkNode } from '../walk/node.js'

/** Whom a rule is about. */
export interface PeerMatcher {
  has(node: WalkNode): boolean
  /** The entry of `from` that the node is in, as written or named; the longest prefix of several. */
  match(node: WalkNode): { readonly entry: string } | undefined
}

/** Address ranges that change while the service runs: an entry of `from` beside text. */
export interface LiveRanges {
  /** For explanations, logs and `policy.status()`. */
  readonly name: string
  /** Settles when there are ranges, or there are none to be had; absent where they always are. */
  readonly ready?: Promise<void> | undefined
  /** Whether the address is in the ranges as they stand now. */
  has(address: Address): boolean
  /** The entry that the address is in, where the ranges know it. */
  match?(address: Address): { readonly entry: string } | undefined
  /**
   * The entries in force, as written, for people to look at: whoever asks may stop after a few.
   * They may change between two of them.
   */
  entries?(): Iterable<string>
  status(): RangesStatus
}

/** The state of living ranges. */
export interface RangesStatus {
  readonly name: string
  /** Prefixes in force. */
  readonly size: number
  /** What the source calls its version: a date, an ETag, a token; undefined where it has none. */
  readonly version: string | undefined
  /**
   * When the ranges in force were last confirmed by their source (of a file: changed, of a
   * snapshot: copied), in milliseconds since 1970.
   */
  readonly updatedAt: number
  /** Whether they are older than their source should let them become. */
  readonly stale: boolean
  /** Why the last attempt to update them failed; undefined where it did not. */
  readonly lastError: string | undefined
}

export function isLiveRanges(entry: unknown): entry is LiveRanges {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    typeof (entry as Partial<LiveRanges>).name === 'string' &&
    typeof (entry as Partial<LiveRanges>).has === 'function' &&
    typeof (entry as Partial<LiveRanges>).status === 'function'
  )
}

/** The matcher of a rule's `from`: the fixed entries, and living ranges where there are any. */
export function peersOf(entries: readonly (string | LiveRanges)[]): PeerMatcher {
  const fixed = PeerSet.from(entries.filter((entry) => typeof entry === 'string'))
  const live = entries.filter((entry) => typeof entry !== 'string')
  return live.length === 0 ? fixed : new LivePeers(fixed, live)
}

class LivePeers implements PeerMatcher {
  readonly #fixed: PeerSet
  readonly #live: readonly LiveRanges[]

  constructor(fixed: PeerSet, live: readonly LiveRanges[]) {
    this.#fixed = fixed
    this.#live = live
  }

  has(node: WalkNode): boolean {
    return this.#fixed.has(node) || this.#rangesWith(node) !== undefined
  }

  match(node: WalkNode): { readonly entry: string } | undefined {
    const fixed = this.#fixed.match(node)
    if (fixed !== undefined) return fixed
    const ranges = this.#rangesWith(node)
    return ranges === undefined ? undefined : { entry: ranges.name }
  }

  #rangesWith(node: WalkNode): LiveRanges | undefined {
    return hasNoAddress(node) ? undefined : this.#live.find((ranges) => ranges.has(node))
  }
}
