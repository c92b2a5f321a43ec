import type { SingleAddressForm } from '@truehop/forwarded'
import type { OriginalPart, ProxyProtocolSettings } from './options.js'
import type { LiveRanges, NodeMatcher, PeerMatcher } from './peers.js'
import type { Unmap } from './unmap.js'

export type AssertionKind =
  | 'proxy-protocol'
  | 'x-forwarded-for'
  | 'forwarded'
  | 'single'
  | 'nothing'

/** A hop rule, validated. */
export interface Hop {
  readonly name: string
  readonly from: NodeMatcher
  /** `from` as written. */
  readonly entries: readonly (string | LiveRanges)[]
  /** `'proxy-protocol'` or a header's name in lower case. */
  readonly asserts: string
  readonly kind: AssertionKind
  /** How a single-address header writes its address. */
  readonly form: SingleAddressForm
  /** Which of the policy's kinds of evidence the rule reads; rules on one header share it. */
  readonly slot: number
  /** 0: no depth. */
  readonly depth: number
  readonly required: boolean
  readonly original: readonly OriginalPart[]
  /** The policy's own, for the addresses that the rule reads. */
  readonly unmap: Unmap | undefined
}

/**
 * Settings for receiving PROXY headers; `from` is every peer that a `proxy-protocol` rule names.
 */
export interface ProxyProtocolPolicy extends ProxyProtocolSettings {
  readonly from: PeerMatcher
}

/** A policy at one moment: validated and immutable. */
export interface PolicySnapshot {
  readonly hops: readonly Hop[]
  readonly maxHops: number
  readonly onConflict: 'ignore' | 'reject'
  /** Takes translated addresses back to IPv4; undefined if no prefix is named. */
  readonly unmap: Unmap | undefined
  /** Every kind of evidence that a rule reads, by slot. */
  readonly asserted: readonly string[]
  /** Whether a rule has live ranges: the same evidence may then give another answer later. */
  readonly hasLiveRanges: boolean
  /** Whether a rule is about requests without a connection. */
  readonly vouchesForEvents: boolean
  /** Undefined if no rule asserts `proxy-protocol`. */
  readonly proxyProtocol: ProxyProtocolPolicy | undefined
  /** Start-up remarks: prefixes written with host bits set. */
  readonly warnings: readonly string[]
}
