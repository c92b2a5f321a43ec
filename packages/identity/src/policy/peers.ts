import { Address, PeerSet } from '@truehop/ip'
import { hasNoAddress, type WalkNode } from '../walk/node.js'

/** Which peers a rule is about. */
export interface PeerMatcher {
  has(node: WalkNode): boolean
  /**
   * The entry of `from` that the node is in, as written or named; if several, the longest prefix.
   */
  match(node: WalkNode): { readonly entry: string } | undefined
}

/** The same for the walk, in which an IPv4 address is its 32 bits, signed. */
export interface NodeMatcher extends PeerMatcher {
  hasIpv4(word: number): boolean
}

/** Address ranges that change while the service runs: an entry of `from` besides strings. */
export interface LiveRanges {
  /** For explanations, logs and `policy.status()`. */
  readonly name: string
  /**
   * Settles when there are ranges, or when it is known that there will be none; absent if there
   * always are.
   */
  readonly ready?: Promise<void> | undefined
  /** Whether the address is in the current ranges. */
  has(address: Address): boolean
  /** The entry that the address is in, if the ranges know it. */
  match?(address: Address): { readonly entry: string } | undefined
  /**
   * The entries in force, as written, for people to look at: the caller may stop after a few. They
   * may change during the iteration.
   */
  entries?(): Iterable<string>
  status(): RangesStatus
  /**
   * Fields by which entries of a list that has more than proxies could have been selected, and were
   * not; for `lint`.
   */
  readonly selectable?: readonly string[] | undefined
}

/** The state of live ranges. */
export interface RangesStatus {
  readonly name: string
  /** Prefixes in force. */
  readonly size: number
  /** What the source calls its version: a date, an ETag, a token; undefined if it has none. */
  readonly version: string | undefined
  /**
   * When their source last confirmed the ranges in force (for a file: when it changed, for a
   * snapshot: when it was copied), in milliseconds since 1970.
   */
  readonly updatedAt: number
  /** Whether they are older than their source should let them become. */
  readonly stale: boolean
  /** Why the last attempt to update them failed; undefined if it did not. */
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

/** The matcher of a rule's `from`: the fixed entries, and live ranges if there are any. */
export function peersOf(entries: readonly (string | LiveRanges)[]): NodeMatcher {
  const fixed = PeerSet.from(entries.filter((entry) => typeof entry === 'string'))
  const live = entries.filter((entry) => typeof entry !== 'string')
  return live.length === 0 ? fixed : new LivePeers(fixed, live)
}

class LivePeers implements NodeMatcher {
  readonly #fixed: PeerSet
  readonly #live: readonly LiveRanges[]

  constructor(fixed: PeerSet, live: readonly LiveRanges[]) {
    this.#fixed = fixed
    this.#live = live
  }

  has(node: WalkNode): boolean {
    return this.#fixed.has(node) || this.#rangesWith(node) !== undefined
  }

  hasIpv4(word: number): boolean {
    return this.#fixed.hasIpv4(word) || this.#rangesWith(Address.ipv4(word)) !== undefined
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
