import { brand } from '@truehop/ip/internal'
import { PolicyCounters } from '../request/counters.js'
import { compilePolicy } from './compile.js'
import type { OpenedRanges } from './opened-ranges.js'
import type { PolicyOptions } from './options.js'
import { isLiveRanges, type PeerMatcher, type RangesStatus } from './peers.js'
import { checkReplacement } from './replacement.js'
import type { PolicySnapshot } from './snapshot.js'

/** What is in force, for people and monitoring. */
export interface PolicyStatus {
  /** 1 for the policy as defined, and one more for every replacement. */
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
  #opened: OpenedRanges | undefined
  #version = 1
  #since = Date.now()
  readonly #listeners = new Set<(policy: Policy) => void>()
  /** What was decided under this policy and its replacements. */
  readonly counters = new PolicyCounters()

  /** @internal Use `definePolicy`. */
  constructor(snapshot: PolicySnapshot, opened?: OpenedRanges) {
    this.#current = snapshot
    this.#opened = opened
  }

  /** @internal The live ranges that were opened for the policy's current version. */
  get opened(): OpenedRanges | undefined {
    return this.#opened
  }

  /** The policy's current version. */
  get current(): PolicySnapshot {
    return this.#current
  }

  /**
   * The peers from which the policy, at each moment, expects a PROXY header. Pass it to
   * `acceptProxyProtocol`, and replacements apply to the next connection.
   */
  readonly proxySenders: PeerMatcher = {
    has: (node) => this.#current.proxyProtocol?.from.has(node) === true,
    match: (node) => this.#current.proxyProtocol?.from.match(node),
  }

  /**
   * Puts another policy in force, for the next request and the next connection; identities already
   * decided stay as they are. The whole policy is validated first: an error changes nothing, and a
   * refused policy from a file stops following its ranges.
   *
   * @throws {PolicyError} like `definePolicy`, and with `bad-replacement` if the servers would have
   * to receive connections differently: PROXY headers where none were expected, none where they
   * were, or other `proxyProtocol` settings.
   */
  replace(next: PolicyOptions | Policy): void {
    const opened = next instanceof Policy ? next.opened : undefined
    try {
      const snapshot = next instanceof Policy ? next.current : compilePolicy(next)
      checkReplacement(this.#current, snapshot)
      this.#current = snapshot
    } catch (error) {
      opened?.refused()
      throw error
    }
    opened?.putInForce()
    // The previous ranges are dropped: nothing asks for them any more.
    this.#opened = opened
    this.#version++
    this.#since = Date.now()
    for (const listener of this.#listeners) listener(this)
  }

  /** Calls `listener` after every replacement. Returns a function that stops this. */
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

  /** The same as `status()`, for logs. */
  toJSON(): PolicyStatus {
    return this.status()
  }

  /** What Node's `console.log` and `util.inspect` show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const rules = this.#current.hops.map(({ name, asserts }) => `${name}: ${asserts}`)
    return `Policy(${rules.join(', ') || 'trusts nobody'})`
  }
}

brand(Policy, 'Policy/1')

/**
 * Validates a policy once, at start-up.
 *
 * @throws {PolicyError} with `code` and the `path` of the entry, for anything that is not exactly
 * a policy: nothing is guessed, and no value silently becomes a default.
 */
export function definePolicy(options: PolicyOptions): Policy {
  return new Policy(compilePolicy(options))
}
