import type { Address } from '@truehop/ip'
import type { Refusal } from './refusal.js'

/**
 * Says which peers belong to a set: a `PeerSet` of `@truehop/ip`, or something that changes while
 * the server runs. Asked for each new connection, so an answer may differ from the one before.
 */
export interface PeerMembership {
  has(peer: Address | 'unix'): boolean
}

/** The versions of the specification, sections 2.1 and 2.2. */
export type ProxyVersion = 1 | 2

export interface AcceptOptions {
  /**
   * The server's name in counters, refusals, diagnostics messages and metrics, 1 to 64 characters.
   * Default none.
   */
  readonly name?: string | undefined
  /**
   * Peers that must send a PROXY header: prefixes, addresses, and the names `loopback`,
   * `linklocal`, `uniquelocal`, `private`, `unix`, `any`. Name your proxies and nothing else: every
   * peer in this list can claim to be any client.
   */
  readonly from: Iterable<string> | PeerMembership
  /**
   * What to do with everyone else: `'reject'` (default) ends the connection, `'accept'` passes it
   * to the server at once, without looking at a byte of it.
   */
  readonly direct?: 'reject' | 'accept' | undefined
  /**
   * True: a peer in `from` may leave the header out. Section 2 advises against it: a client that
   * reaches the port through a proxy that forgets its header then appears as that proxy. Useless
   * for server-first protocols (SMTP, MySQL, SSH): until the peer has sent a byte nobody knows
   * whether a header is coming, so a silent peer is refused at the deadline here too.
   */
  readonly optional?: boolean | undefined
  /**
   * Health checkers that may connect without a header, whether they are in `from` or not. They are
   * passed to the server as direct connections; if they are in `from` as well, their header is read
   * if they send one.
   */
  readonly healthCheckFrom?: Iterable<string> | PeerMembership | undefined
  /**
   * Milliseconds from accepting a connection until its last header must be complete, however slowly
   * the bytes arrive. 3000 to 600,000; default 5000. Section 2 asks for at least three seconds, so
   * that a lost segment can be sent again.
   */
  readonly timeout?: number | undefined
  /** Allows a `timeout` under 3000. For tests only. */
  readonly unsafeShortTimeout?: boolean | undefined
  /**
   * Most headers in a row, 1 to 16, default 1. Each further one is read only if the source address
   * of the one before is in `from` too; everything after the last possible one is payload.
   */
  readonly maxHeaders?: number | undefined
  /**
   * Longest single header in bytes, 232 (an AF_UNIX header) to 65,551, default 4096: room for a
   * client certificate among the TLVs, and what nginx allows. Version 1 never exceeds 107.
   */
  readonly maxHeaderBytes?: number | undefined
  /**
   * Which versions a header may have, `[1]`, `[2]` or `[1, 2]` (default). A connection whose header
   * has another version is refused; such a header is never payload.
   */
  readonly versions?: readonly ProxyVersion[] | undefined
  /**
   * What to do with a CRC32C TLV: `'verify'` (default) refuses a connection whose checksum is
   * wrong, section 2.2.3; `'ignore'` is for a sender that passes on the checksum of another header,
   * as Envoy does when it adds TLVs.
   */
  readonly crc32c?: 'verify' | 'ignore' | undefined
  /**
   * What to do with a line of version 1 whose two addresses are of different families: `'reject'`
   * (default), or `'accept'` for nginx behind another proxy, whose own end is of the other family.
   */
  readonly mixedFamilies?: 'reject' | 'accept' | undefined
  /**
   * Most connections whose header is not complete, 1 to 1,000,000, default 16,384. With
   * `maxHeaderBytes` it bounds the memory that slow senders can tie up.
   */
  readonly maxPending?: number | undefined
  /** The same, per peer address; default half of `maxPending`, so that no peer fills it alone. */
  readonly maxPendingPerPeer?: number | undefined
  /**
   * Called once for each refused connection. Whatever it throws becomes a process warning. Use
   * `refusalLog` to log without letting a port scan flood the log.
   */
  readonly onRefused?: ((refusal: Refusal) => void) | undefined
}

/** The options with defaults filled in, valid. */
export interface AcceptSettings {
  readonly name: string | undefined
  readonly from: PeerMembership
  readonly healthCheckFrom: PeerMembership | undefined
  readonly direct: 'reject' | 'accept'
  readonly optional: boolean
  readonly timeout: number
  readonly maxHeaders: number
  readonly maxHeaderBytes: number
  readonly versions: readonly ProxyVersion[]
  readonly crc32c: 'verify' | 'ignore'
  readonly mixedFamilies: 'reject' | 'accept'
  readonly maxPending: number
  readonly maxPendingPerPeer: number
  readonly onRefused: ((refusal: Refusal) => void) | undefined
}
