import type { PeerSet } from '@truehop/ip'
import type { HostNames } from './serve/host-names.js'
import type { AddressSetting } from './view/address-mask.js'

export interface InspectorOptions {
  /**
   * Who may see the page: prefixes, addresses and the names `loopback`, `linklocal`, `uniquelocal`,
   * `private`, `any`. Checked against the client identity of each request; an undetermined client
   * is never let in.
   */
  readonly allow: readonly string[]
  /**
   * How addresses of clients are shown, as in the access log: `'full'` (default), `'truncated'` to
   * /24 and /48, or what `addressPrivacy()` of @truehop/log returns, for its `'hmac'`. What the
   * policy names is shown as written.
   */
  readonly address?: AddressSetting | undefined
  /**
   * Names under which the page may be asked for, without port: `['ops.example.com']`. Addresses and
   * `localhost` always are. Any other name is refused, as it may belong to a site that made it
   * resolve to an operator's network to read what is shown there (DNS rebinding).
   */
  readonly hosts?: readonly string[] | undefined
  /** How many decisions, and how many anomalies, are kept for viewing: 10 to 2000. Default 200. */
  readonly keep?: number | undefined
  /** How many pages may be open at the same time: 1 to 200. Default 10. */
  readonly maxViewers?: number | undefined
}

/** `InspectorOptions`, validated. */
export interface InspectorSettings {
  readonly allow: PeerSet
  readonly hosts: HostNames
  readonly address: AddressSetting
  readonly keep: number
  readonly maxViewers: number
}
