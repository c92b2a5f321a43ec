import type { SingleAddressForm } from '@truehop/forwarded'
import type { LiveRanges } from './peers.js'

/** One hop rule: which hop it is about, and what the hop may assert about the party before it. */
export interface HopRule {
  /** For logs and explanations. Default `hop-1`, `hop-2`, … in policy order. */
  readonly name?: string | undefined
  /**
   * The addresses that the hop may have: prefixes, addresses, and the names `loopback`,
   * `linklocal`, `uniquelocal`, `private`, `cgnat`, `unix` (the peer of a Unix socket), `any`; and
   * live ranges, made by `rangesFrom`.
   */
  readonly from: readonly (string | LiveRanges)[]
  /**
   * What the hop asserts: `proxy-protocol`, `x-forwarded-for`, `forwarded`, or the name of a header
   * that carries exactly one address (`cf-connecting-ip`, `x-real-ip`, …). `nothing` is for a hop
   * that replaces its clients' addresses with its own (source NAT) and says nothing about them:
   * clients behind it are undetermined.
   */
  readonly asserts: string
  /**
   * Confirms a header that no proxy is known to write. A misspelt one would be a header that every
   * client can write. Default false.
   */
  readonly custom?: boolean | undefined
  /**
   * How a single-address header writes its address. `'address'` (default): an address, or `v4:port`
   * or `[v6]:port`. `'address:port'`: the port is always there, after the last colon, and an IPv6
   * address needs no brackets. Known headers have their own form.
   */
  readonly form?: SingleAddressForm | undefined
  /**
   * For a list header: the client is the n-th unread element from the right, and the elements
   * between are not interpreted. An integer from 1.
   */
  readonly depth?: number | undefined
  /** The identity is undetermined if the hop's evidence is absent or empty. Default false. */
  readonly required?: boolean | undefined
  /**
   * What the hop may say about the original request besides the client's address, in
   * `X-Forwarded-Proto`, `-Host`, `-Port` or `proto` and `host` of `Forwarded`. Default
   * `['proto']`, and `[]` for `proxy-protocol`, as most of its senders do not read HTTP. Add only
   * what the hop overwrites: many proxies let a client's own `X-Forwarded-Host` through.
   */
  readonly original?: readonly OriginalPart[] | undefined
}

export type OriginalPart = 'proto' | 'host' | 'port'

/** How connections with a PROXY header are received. */
export interface ProxyProtocolSettings {
  /** The servers' name in counters, refusals and metrics, 1 to 64 characters. */
  readonly name?: string | undefined
  /**
   * Milliseconds from accepting a connection until its last header must be complete. Default 5000.
   */
  readonly timeout?: number | undefined
  /** What happens to peers that no `proxy-protocol` rule names. Default `reject`. */
  readonly direct?: 'reject' | 'accept' | undefined
  /** Peers that a `proxy-protocol` rule names may leave the header out. Default false. */
  readonly optional?: boolean | undefined
  /** Maximum number of PROXY headers in a row on one connection. Default 1. */
  readonly maxHeaders?: number | undefined
  /** Maximum bytes of one header. The receiver's default if left out. */
  readonly maxHeaderBytes?: number | undefined
  /**
   * Versions that a header may have; a connection whose header has another version is refused.
   * Default `[1, 2]`.
   */
  readonly versions?: readonly (1 | 2)[] | undefined
  /**
   * Whether a connection with a wrong CRC32C is refused, or the checksum ignored. Default `verify`.
   */
  readonly crc32c?: 'verify' | 'ignore' | undefined
  /**
   * Whether a version 1 line with addresses of both families is refused or accepted. Default
   * `reject`.
   */
  readonly mixedFamilies?: 'reject' | 'accept' | undefined
  /** Maximum number of connections without a complete header at any time. */
  readonly maxPending?: number | undefined
  /** The same, per peer address. */
  readonly maxPendingPerPeer?: number | undefined
  /** Health checkers that may connect without a header, written like `from`. */
  readonly healthCheckFrom?: readonly string[] | undefined
}

interface CommonOptions {
  /**
   * Maximum number of entries that a walk reads; more make the identity undetermined. Default 64.
   */
  readonly maxHops?: number | undefined
  /**
   * What contradicting evidence leads to: a claim that a trusted hop passed on but that names none
   * of the nodes on the walk. `'ignore'` (default) keeps the answer of the walk; `'reject'` makes
   * the identity undetermined, and looks at every known header of every request for it.
   */
  readonly onConflict?: 'ignore' | 'reject' | undefined
  /**
   * IPv6 prefixes of the operator's own translators (NAT64, SIIT), of 32, 40, 48, 56, 64 or 96
   * bits: addresses in them count as the IPv4 addresses that they embed (RFC 6052), including the
   * socket peer's. Default none: anyone who can use such an address could be any IPv4 client.
   */
  readonly unmap?: readonly string[] | undefined
  readonly proxyProtocol?: ProxyProtocolSettings | undefined
}

/** What is in front of the service, by name: expands to the hop rules of that platform. */
export interface PlatformEntry {
  /** Id of one of `platforms`: `'render'`, `'aws-alb'`, … */
  readonly platform: string
  /** In place of the platform's own peers; required where only you can know them (your subnet). */
  readonly from?: HopRule['from'] | undefined
  /** Which of the platform's headers to believe, if there is a choice. */
  readonly header?: string | undefined
  /** For logs and explanations, in place of the platform's id. */
  readonly name?: string | undefined
}

/** A policy as a list of hop rules, and of platforms that expand to hop rules. */
export interface HopsOptions extends CommonOptions {
  readonly hops: readonly (HopRule | PlatformEntry)[]
}

/** A policy of one platform. */
export interface PlatformOptions extends CommonOptions, PlatformEntry {}

/** Shorthand for a policy of one rule. */
export interface TrustOptions extends CommonOptions {
  /** Like `from` in a rule. */
  readonly trust: readonly (string | LiveRanges)[]
  /** Like `asserts` in a rule. */
  readonly header: string
  readonly custom?: boolean | undefined
  readonly form?: SingleAddressForm | undefined
  readonly depth?: number | undefined
  readonly required?: boolean | undefined
  readonly original?: readonly OriginalPart[] | undefined
}

export type PolicyOptions = HopsOptions | TrustOptions | PlatformOptions
