import type { SingleAddressForm } from '@truehop/forwarded'
import type { LiveRanges } from './peers.js'

/** One hop rule: who it is about, and what they may assert about the party before them. */
export interface HopRule {
  /** For logs and explanations. Default `hop-1`, `hop-2`, … in policy order. */
  readonly name?: string | undefined
  /**
   * The addresses that the hop may have: prefixes, addresses, and the names `loopback`,
   * `linklocal`, `uniquelocal`, `private`, `cgnat`, `unix` (the peer of a Unix socket), `any`; and
   * ranges that live, made by `rangesFrom`.
   */
  readonly from: readonly (string | LiveRanges)[]
  /**
   * What the hop asserts: `proxy-protocol`, `x-forwarded-for`, `forwarded`, or the name of a
   * header that carries exactly one address (`cf-connecting-ip`, `x-real-ip`, …). `nothing` is
   * for a hop that replaces the addresses of its clients by its own (source NAT) and tells nobody:
   * whoever comes through it is undetermined.
   */
  readonly asserts: string
  /**
   * Says that a header which no proxy is known to write is meant. A misspelt one would be a header
   * that every client can write. Default false.
   */
  readonly custom?: boolean | undefined
  /**
   * How a header of one address writes it. `'address'` (default): an address, or `v4:port` or
   * `[v6]:port`. `'address:port'`: the port is always there, behind the last colon, and an IPv6
   * address needs no brackets. Known headers have their own.
   */
  readonly form?: SingleAddressForm | undefined
  /**
   * For a list header: the client is the n-th unread element from the right, and the elements
   * between are not interpreted. A whole number from 1.
   */
  readonly depth?: number | undefined
  /** The identity is undetermined where the hop's evidence is absent or empty. Default false. */
  readonly required?: boolean | undefined
  /**
   * What the hop may say about the original request besides the client's address, in
   * `X-Forwarded-Proto`, `-Host`, `-Port` or `proto` and `host` of `Forwarded`. Default
   * `['proto']`, and `[]` for `proxy-protocol`, as most of its senders know no HTTP. Add only what
   * the hop overwrites: many proxies let a client's own `X-Forwarded-Host` through.
   */
  readonly original?: readonly OriginalPart[] | undefined
}

export type OriginalPart = 'proto' | 'host' | 'port'

/** How connections with a PROXY header are received. */
export interface ProxyProtocolSettings {
  /** What counters, refusals and metrics call the servers, 1 to 64 characters. */
  readonly name?: string | undefined
  /** Milliseconds, from the accept, within which the whole header must be in. Default 5000. */
  readonly timeout?: number | undefined
  /** What becomes of peers that no `proxy-protocol` rule names. Default `reject`. */
  readonly direct?: 'reject' | 'accept' | undefined
  /** Peers that a `proxy-protocol` rule names may leave the header out. Default false. */
  readonly optional?: boolean | undefined
  /** PROXY headers in a row on one connection, at most. Default 1. */
  readonly maxHeaders?: number | undefined
  /** Bytes of one header, at most. The receiver's default where absent. */
  readonly maxHeaderBytes?: number | undefined
  /** Versions that a header may have; one of another refuses the connection. Default `[1, 2]`. */
  readonly versions?: readonly (1 | 2)[] | undefined
  /** A wrong CRC32C refuses the connection, or is not looked at. Default `verify`. */
  readonly crc32c?: 'verify' | 'ignore' | undefined
  /** A line of version 1 with addresses of both families is refused, or taken. Default `reject`. */
  readonly mixedFamilies?: 'reject' | 'accept' | undefined
  /** Connections without a complete header, at most at any time. */
  readonly maxPending?: number | undefined
  /** The same for each peer address. */
  readonly maxPendingPerPeer?: number | undefined
  /** Health checkers, written as `from` is, that may connect without a header. */
  readonly healthCheckFrom?: readonly string[] | undefined
}

interface CommonOptions {
  /** Entries that a walk reads at most; more make the identity undetermined. Default 64. */
  readonly maxHops?: number | undefined
  /**
   * What contradicting evidence comes to: a claim that a trusted hop passed on and that names
   * none of the nodes on the walk. `'ignore'` (default) keeps the answer of the walk; `'reject'`
   * makes the identity undetermined, and looks at every known header of every request for it.
   */
  readonly onConflict?: 'ignore' | 'reject' | undefined
  /**
   * IPv6 prefixes of the operator's own translators (NAT64, SIIT), of 32, 40, 48, 56, 64 or 96
   * bits: addresses in them count as the IPv4 addresses that they embed (RFC 6052), the socket
   * peer's included. Default none: whoever can use such an address could be any IPv4 client.
   */
  readonly unmap?: readonly string[] | undefined
  readonly proxyProtocol?: ProxyProtocolSettings | undefined
}

/** What stands in front of the service, by name: expands to the hop rules of that platform. */
export interface PlatformEntry {
  /** Id of one of `platforms`: `'render'`, `'aws-alb'`, … */
  readonly platform: string
  /** In place of the platform's own peers; required where only you can know them (your subnet). */
  readonly from?: HopRule['from'] | undefined
  /** Which of the platform's headers is believed, where there is a choice. */
  readonly header?: string | undefined
  /** For logs and explanations, in place of the platform's id. */
  readonly name?: string | undefined
}

/** A policy as a list of hop rules, and of platforms that expand to such. */
export interface HopsOptions extends CommonOptions {
  readonly hops: readonly (HopRule | PlatformEntry)[]
}

/** A policy of one platform. */
export interface PlatformOptions extends CommonOptions, PlatformEntry {}

/** Shorthand for a policy of one rule. */
export interface TrustOptions extends CommonOptions {
  /** As `from` of a rule. */
  readonly trust: readonly (string | LiveRanges)[]
  /** As `asserts` of a rule. */
  readonly header: string
  readonly custom?: boolean | undefined
  readonly form?: SingleAddressForm | undefined
  readonly depth?: number | undefined
  readonly required?: boolean | undefined
  readonly original?: readonly OriginalPart[] | undefined
}

export type PolicyOptions = HopsOptions | TrustOptions | PlatformOptions
