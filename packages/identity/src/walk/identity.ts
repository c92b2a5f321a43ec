import type { NodeFault } from '@truehop/forwarded'
import type { Address } from '@truehop/ip'
import type { ConnectionTlvs } from './tlvs.js'

/** Why the node at which the walk stopped is the client. */
export type ResolvedReason =
  /** No rule trusts the socket peer: it is the client, whatever it claims. */
  | 'peer-untrusted'
  /** The socket peer is trusted and asserts nothing: it is the client itself. */
  | 'header-missing'
  /** The first node, from the socket peer outwards, that no rule trusts. */
  | 'first-untrusted'
  /** Every node is trusted: the last one is the client. */
  | 'chain-exhausted'
  /** A rule with `depth: n` counted n elements from the right. */
  | 'count'
  /** A trusted hop sent a PROXY header with LOCAL: it speaks for itself (a health check). */
  | 'proxy-local'
  /** A trusted hop sent `PROXY UNKNOWN` (version 1): the connection's real endpoints count. */
  | 'proxy-unknown'
  /** A trusted hop sent a version 2 header of family or transport UNSPEC. */
  | 'proxy-unspec'

/** Why the client cannot be determined. Never answered with a less trusted address. */
export type UndeterminedReason =
  | NodeFault
  /** The connection's peer is not known: closed before anyone asked. */
  | 'no-peer'
  /**
   * The policy has a `proxy-protocol` rule, and no receiver saw the connection: its header may have
   * been read by other code, or never have been looked for, and the peer may be a proxy for any
   * client.
   */
  | 'not-received'
  /** The connection came over a Unix socket, and no rule has `unix` in its `from`. */
  | 'untrusted-unix-peer'
  /** A trusted Unix-socket peer asserts nothing, and it has no address of its own. */
  | 'unix-peer-asserts-nothing'
  /** The request came over no connection, and no rule has `event` in its `from`. */
  | 'untrusted-event'
  /** A trusted event has no header that a rule reads, and no address of its own. */
  | 'event-asserts-nothing'
  /** The request may have had more header lines than the server keeps, including the hop's own. */
  | 'headers-truncated'
  /** A rule with `required: true` trusts the node, and its header is absent or empty. */
  | 'header-required'
  /** Fewer elements than the rule's `depth`. */
  | 'chain-too-short'
  /** More than `maxHops` entries read. */
  | 'chain-too-long'
  /**
   * A rule with `asserts: 'nothing'`: the node replaces the addresses of its clients with its own.
   */
  | 'address-hidden'
  /** `onConflict: 'reject'`, and a claim that a trusted hop passed on contradicts the walk. */
  | 'conflicting-evidence'

interface IdentityBase {
  /** RFC 5952 text of the socket peer, `'unix'`, or undefined if it is not known. */
  readonly peer: string | undefined
  /** The socket peer's port, if it has one. */
  readonly peerPort: number | undefined
  /** Name of the last rule that applied; undefined if none did. */
  readonly rule: string | undefined
  /** How many entries the walk read. */
  readonly hops: number
  /**
   * The nodes of the walk, client first and socket peer last: RFC 5952 text, and `'unix'` for a
   * Unix-socket peer. If the client is undetermined: the nodes that the walk reached, the last one
   * first; none if the peer is not known. Computed on first access.
   */
  readonly nodes: readonly string[]
  /**
   * `https` or `http`, as the hop at which the walk ended says, within the `original` of its rule,
   * even if it names no client; the connection's own if no trusted hop says anything. Undefined if
   * it is not known. Computed on first access.
   */
  readonly protocol: 'http' | 'https' | undefined
  /**
   * Host, and port if there was one, that the client asked for, as the hop at which the walk ended
   * says; the request's own if no trusted hop says anything. Never an address of the client.
   * Computed on first access.
   */
  readonly host: string | undefined
  /**
   * The TLVs, by name, of the PROXY header that the walk read last: the one whose sender, a trusted
   * hop, is nearest to the client. Undefined if the walk read none, or one without TLVs; never
   * those of a header that no rule trusts. Computed on first access.
   */
  readonly tlvs: ConnectionTlvs | undefined
}

export interface ResolvedIdentity extends IdentityBase {
  readonly status: 'resolved'
  /** The client: RFC 5952 text, IPv4-mapped folded to IPv4, without zone or port. */
  readonly ip: string
  /** The same as a value, for prefix sets and keys. */
  readonly address: Address
  /** The client's port, 0 to 65535 as received, if the evidence that names the client has one. */
  readonly port: number | undefined
  /** What named the client: `'socket'`, `'proxy-protocol'` or a header's name in lower case. */
  readonly source: string
  readonly reason: ResolvedReason
}

export interface UndeterminedIdentity extends IdentityBase {
  readonly status: 'undetermined'
  readonly ip?: undefined
  readonly address?: undefined
  readonly port?: undefined
  readonly reason: UndeterminedReason
  /** The evidence whose entry could not be used, `'socket'` if it is the peer itself. */
  readonly source: string
  /** The trusted hop at which the walk ended: RFC 5952 text or `'unix'`. */
  readonly lastTrustedHop: string | undefined
  /** The entry that was read last under the rule, as written; undefined if none was. */
  readonly entry: string | undefined
}

/** The one answer for a connection or request. It cannot be changed. */
export type ClientIdentity = ResolvedIdentity | UndeterminedIdentity
