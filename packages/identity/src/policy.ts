import { PolicyCounters } from './counters.js'
import { isLiveRanges, type LiveRanges, type PeerMatcher, type RangesStatus } from './peers.js'
import { compilePolicy } from './policy-compiler.js'
import { checkReplacement } from './policy-replacement.js'

/** One hop rule: who it is about, and what they may assert about the party before them. */
export interface HopRule {
  /** For logs and explanations. Default `hop-1`, `hop-2`, … in policy order. */
  readonly name?: string
  /**
   * The addresses that the hop may have: prefixes, addresses, and the names `loopback`,
   * `linklocal`, `uniquelocal`, `private`, `unix` (the peer of a Unix socket), `any`; and ranges
   * that live, made by `rangesFrom`.
   */
  readonly from: readonly (string | LiveRanges)[]
  /**
   * What the hop asserts: `proxy-protocol`, `x-forwarded-for`, `forwarded`, or the name of a
   * header that carries exactly one address (`cf-connecting-ip`, `x-real-ip`, …).
   */
  readonly asserts: string
  /**
   * For a list header: the client is the n-th unread element from the right, and the elements
   * between are not interpreted. A whole number from 1.
   */
  readonly depth?: number
  /** The identity is undetermined where the hop's evidence is absent or empty. Default false. */
  readonly required?: boolean
  /**
   * What the hop may say about the original request besides the client's address, in
   * `X-Forwarded-Proto`, `-Host`, `-Port` or `proto` and `host` of `Forwarded`. Default all
   * three. Leave out what the hop passes on unchecked: many proxies let a client's own
   * `X-Forwarded-Host` through.
   */
  readonly original?: readonly OriginalPart[]
}

export type OriginalPart = 'proto' | 'host' | 'port'

/** How connections with a PROXY header are received. */
export interface ProxyProtocolSettings {
  /** Milliseconds, from the accept, within which the whole header must be in. Default 5000. */
  readonly timeout?: number
  /** What becomes of peers that no `proxy-protocol` rule names. Default `reject`. */
  readonly direct?: 'reject' | 'accept'
  /** Peers that a `proxy-protocol` rule names may leave the header out. Default false. */
  readonly optional?: boolean
  /** PROXY headers in a row on one connection, at most. Default 1. */
  readonly maxHeaders?: number
  /** Bytes of one header, at most. The receiver's default where absent. */
  readonly maxHeaderBytes?: number
  /** Connections without a complete header, at most at any time. */
  readonly maxPending?: number
  /** The same for each peer address. */
  readonly maxPendingPerPeer?: number
  /** Health checkers, written as `from` is, that may connect without a header. */
  readonly healthCheckFrom?: readonly string[]
}

interface CommonOptions {
  /** Entries that a walk reads at most; more make the identity undetermined. Default 64. */
  readonly maxHops?: number
  /**
   * What contradicting evidence comes to: a claim that a trusted hop passed on and that names
   * none of the nodes on the walk. `'ignore'` (default) keeps the answer of the walk; `'reject'`
   * makes the identity undetermined, and looks at every known header of every request for it.
   */
  readonly onConflict?: 'ignore' | 'reject'
  readonly proxyProtocol?: ProxyProtocolSettings
}

/** A policy as a list of hop rules. */
export interface HopsOptions extends CommonOptions {
  readonly hops: readonly HopRule[]
}

/** Shorthand for a policy of one rule. */
export interface TrustOptions extends CommonOptions {
  /** As `from` of a rule. */
  readonly trust: readonly (string | LiveRanges)[]
  /** As `asserts` of a rule. */
  readonly header: string
  readonly depth?: number
  readonly required?: boolean
  readonly original?: readonly OriginalPart[]
}

export type PolicyOptions = HopsOptions | TrustOptions

export type AssertionKind = 'proxy-protocol' | 'x-forwarded-for' | 'forwarded' | 'single'

/** A hop rule, validated. */
export interface Hop {
  readonly name: string
  readonly from: PeerMatcher
  /** `from` as written. */
  readonly entries: readonly (string | LiveRanges)[]
  /** `'proxy-protocol'` or a header's name in lower case. */
  readonly asserts: string
  readonly kind: AssertionKind
  /** Which of the policy's kinds of evidence the rule reads; rules on one header share it. */
  readonly slot: number
  /** 0: no depth. */
  readonly depth: number
  readonly required: boolean
  readonly original: readonly OriginalPart[]
}

/** Settings for receiving PROXY headers; `from` is everybody whom a `proxy-protocol` rule names. */
export interface ProxyProtocolPolicy extends ProxyProtocolSettings {
  readonly from: PeerMatcher
}

/** A policy at one moment: validated and immutable. */
export interface PolicySnapshot {
  readonly hops: readonly Hop[]
  readonly maxHops: number
  readonly onConflict: 'ignore' | 'reject'
  /** Every kind of evidence that a rule reads, by slot. */
  readonly asserted: readonly string[]
  /** Whether a rule has ranges that live: the same evidence may then give another answer later. */
  readonly hasLiveRanges: boolean
  /** Undefined where no rule asserts `proxy-protocol`. */
  readonly proxyProtocol: ProxyProtocolPolicy | undefined
  /** Start-up remarks: prefixes written with host bits set. */
  readonly warnings: readonly string[]
}

/** What is in force, for people and monitoring. */
export interface PolicyStatus {
  /** 1 for the policy as defined, one more with every replacement. */
  readonly version: number
  /** When this version came into force: milliseconds since 1970. */
  readonly since: number
  readonly hops: readonly {
    readonly name: string
    readonly asserts: string
    readonly ranges: readonly RangesStatus[]
  }[]
}

/** A trusted-hop policy. Make one with `definePolicy`. */
export class Policy {
  #current: PolicySnapshot
  #version = 1
  #since = Date.now()
  readonly #listeners = new Set<(policy: Policy) => void>()
  /** What was decided under this policy and its replacements. */
  readonly counters = new PolicyCounters()

  /** @internal Use `definePolicy`. */
  constructor(snapshot: PolicySnapshot) {
    this.#current = snapshot
  }

  /** The policy as it stands now. */
  get current(): PolicySnapshot {
    return this.#current
  }

  /**
   * Whom the policy, as it stands at each moment, expects a PROXY header from. Give it to
   * `acceptProxyProtocol`, and replacements reach the next connection.
   */
  readonly proxySenders: PeerMatcher = {
    has: (node) => this.#current.proxyProtocol?.from.has(node) === true,
    match: (node) => this.#current.proxyProtocol?.from.match(node),
  }

  /**
   * Puts another policy in force, for the next request and the next connection; identities that
   * are decided stay as they are. It is validated whole first: an error changes nothing.
   *
   * @throws {PolicyError} as `definePolicy` does, and with `bad-replacement` where it would need
   * the servers to receive connections in another way than they do: PROXY headers where none were
   * expected, none where they were, or other `proxyProtocol` settings.
   */
  replace(next: PolicyOptions | Policy): void {
    const snapshot = next instanceof Policy ? next.current : compilePolicy(next)
    checkReplacement(this.#current, snapshot)
    this.#current = snapshot
    this.#version++
    this.#since = Date.now()
    for (const listener of this.#listeners) listener(this)
  }

  /** Calls `listener` after every replacement. Returns a function that ends this. */
  onReplaced(listener: (policy: Policy) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  status(): PolicyStatus {
    const hops = this.#current.hops.map(({ name, asserts, entries }) => ({
      name,
      asserts,
      ranges: entries.filter(isLiveRanges).map((ranges) => ranges.status()),
    }))
    return { version: this.#version, since: this.#since, hops }
  }
}

/**
 * Validates a policy once, at start-up.
 *
 * @throws {PolicyError} with `code` and the `path` of the entry, for anything that is not exactly
 * a policy: nothing is guessed, and no value silently becomes a default.
 */
export function definePolicy(options: PolicyOptions): Policy {
  return new Policy(compilePolicy(options))
}
