import type { ProxyHeader } from '@truehop/proxy-protocol/wire'

/** Header fields by lower-case name, as in Node's `IncomingHttpHeaders`. */
export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Everything that says who the client of a connection or request is. LastWalk has to compare
 * everything that the walk reads of it.
 */
export interface Evidence {
  /**
   * Who the connection comes from: address text as the socket reports it, `'unix'` for a Unix
   * socket, undefined if it is not known (the identity is then undetermined).
   */
  readonly peer: string | undefined
  /** The socket peer's port, 0 to 65535. */
  readonly peerPort?: number | undefined
  readonly headers?: HeaderFields | undefined
  /**
   * Whether header lines may be missing because the server keeps only a limited number: then no
   * header is reliable, and a rule that would read one makes the identity undetermined.
   */
  readonly headersTruncated?: boolean | undefined
  /**
   * The connection's PROXY headers, outermost (first on the wire) first; empty where a receiver saw
   * the connection and none came. Undefined means that it is not known: if the walk would read
   * them, the identity is undetermined.
   */
  readonly proxyHeaders?: readonly ProxyHeader[] | undefined
  /**
   * False if no receiver saw the connection. Under a policy with a `proxy-protocol` rule the
   * identity is then undetermined, whatever the peer is: the receiver is also what refuses peers
   * that are not proxies.
   */
  readonly received?: boolean | undefined
  /** Whether the connection to this server itself is TLS. */
  readonly encrypted?: boolean | undefined
}
