/** One end of the connection that a PROXY header describes. `port` is 0 to 65535. */
export interface InetEndpoint {
  /**
   * RFC 5952 text of the address as it is on the wire: an IPv4-mapped address in an INET6 block
   * stays `::ffff:192.0.2.1` here, and is folded by the code that compares it.
   */
  readonly address: string
  readonly port: number
}

/** An AF_UNIX end: the path up to the first NUL, at most 108 bytes. */
export interface UnixEndpoint {
  readonly path: string
}

export type Endpoint = InetEndpoint | UnixEndpoint

export type Command = 'PROXY' | 'LOCAL'
export type Family = 'INET' | 'INET6' | 'UNIX' | 'UNSPEC'
export type Transport = 'STREAM' | 'DGRAM' | 'UNSPEC'

/** A type-length-value vector of a version 2 header, section 2.2. `type` is one byte. */
export interface Tlv {
  readonly type: number
  readonly value: Uint8Array
}

/**
 * One PROXY protocol header, version 1 or 2.
 *
 * `source` and `destination` are absent if the specification says that the real endpoints of the
 * connection count: LOCAL, UNKNOWN and UNSPEC.
 */
export interface ProxyHeader {
  readonly version: 1 | 2
  readonly command: Command
  readonly family: Family
  readonly transport: Transport
  readonly source?: Endpoint | undefined
  readonly destination?: Endpoint | undefined
  readonly tlvs: readonly Tlv[]
}
