import type { Address } from '@truehop/ip'
import type { Refusal } from './refusal.js'

/**
 * Tells who belongs to a set: a `PeerSet` of `@truehop/ip`, or something that changes while the
 * server runs. Asked for each new connection, so an answer may differ from the one before.
 */
export interface PeerMembership {
  has(peer: Address | 'unix'): boolean
}

export interface AcceptOptions {
  /**
   * Who must send a PROXY header: prefixes, addresses, and the names `loopback`, `linklocal`,
   * `uniquelocal`, `private`, `unix`, `any`. Name your proxies and nobody else: whoever is in here
   * can claim to be any client.
   */
  readonly from: Iterable<string> | PeerMembership
  /**
   * What to do with everyone else: `'reject'` (default) ends the connection, `'accept'` gives it
   * to the server at once, without looking at a byte of it.
   */
  readonly direct?: 'reject' | 'accept' | undefined
  /**
   * True: a peer in `from` may leave the header out. Section 2 advises against it: who reaches the
   * port through a proxy that forgets its header then appears as that proxy. Of no use to
   * server-first protocols (SMTP, MySQL, SSH): until the peer has sent a byte nobody can know
   * whether a header is coming, so a silent peer is refused at the deadline here too.
   */
  readonly optional?: boolean | undefined
  /**
   * Health checkers that may connect without a header, whether they are in `from` or not. They are
   * given to the server as direct connections; in `from` too, their header is read if they send one.
   */
  readonly healthCheckFrom?: Iterable<string> | PeerMembership | undefined
  /**
   * Milliseconds from the accept until the last header must be in, however the bytes trickle.
   * 3000 to 600,000; default 5000. Section 2 asks for at least three seconds, so that a lost
   * segment can be sent again.
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
   * What to do with a CRC32C TLV: `'verify'` (default) refuses a connection whose checksum is wrong,
   * section 2.2.3; `'ignore'` is for a sender that passes on the checksum of another header, as
   * Envoy does beside TLVs that it adds.
   */
  readonly crc32c?: 'verify' | 'ignore' | undefined
  /**
   * What to do with a line of version 1 whose two addresses are of different families: `'reject'`
   * (default), or `'accept'` for nginx behind another proxy, whose own end is of the other family.
   */
  readonly mixedFamilies?: 'reject' | 'accept' | undefined
  /**
   * Most connections whose header is not in yet, 1 to 1,000,000, default 16,384. With
   * `maxHeaderBytes` it bounds the memory that slow senders can hold.
   */
  readonly maxPending?: number | undefined
  /** The same for each peer address; default half of `maxPending`, so that no peer fills it alone. */
  readonly maxPendingPerPeer?: number | undefined
  /**
   * Called once for each refused connection. Whatever it throws becomes a process warning. Use
   * `refusalLog` to log without letting a port scan flood the log.
   */
  readonly onRefused?: ((refusal: Refusal) => void) | undefined
}

/** The options with defaults filled in, valid. */
export interface AcceptSettings {
  readonly from: PeerMembership
  readonly healthCheckFrom: PeerMembership | undefined
  readonly direct: 'reject' | 'accept'
  readonly optional: boolean
  readonly timeout: number
  readonly maxHeaders: number
  readonly maxHeaderBytes: number
  readonly crc32c: 'verify' | 'ignore'
  readonly mixedFamilies: 'reject' | 'accept'
  readonly maxPending: number
  readonly maxPendingPerPeer: number
  readonly onRefused: ((refusal: Refusal) => void) | undefined
}
