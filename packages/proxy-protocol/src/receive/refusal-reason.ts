import type { MalformedCode } from '../wire/index.js'

/**
 * Why a connection was refused. Each has a heading in docs/errors.md.
 *
 * `missing`, `tls-without-header`, `http-without-header`: other bytes where a header must be.
 * `version-not-accepted`: a header of a version that `versions` does not allow. `malformed:<code>`:
 * a header by its signature, but an invalid one. `checksum`: its CRC32C does not match. `timeout`:
 * no complete header by the deadline. `closed`, `reset`: the peer ended the connection with part of
 * a header sent. `untrusted-peer`: not in `from`. `too-many-pending`: no room to wait.
 * `shutting-down`: the server stopped listening before the header was complete.
 */
export type RefusalReason =
  | 'missing'
  | 'tls-without-header'
  | 'http-without-header'
  | 'version-not-accepted'
  | `malformed:${MalformedCode}`
  | 'checksum'
  | 'timeout'
  | 'closed'
  | 'reset'
  | 'untrusted-peer'
  | 'too-many-pending'
  | 'shutting-down'

/** Both ends of a connection. */
export interface Ends {
  readonly peer: string | 'unix' | undefined
  readonly peerPort?: number | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
}
