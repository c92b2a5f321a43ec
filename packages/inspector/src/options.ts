import type { PeerSet } from '@truehop/ip'
import type { HostNames } from './serve/host-names.js'
import type { AddressSetting } from './view/address-mask.js'

export interface InspectorOptions {
  /**
   * Who may see the page: prefixes, addresses and the names `loopback`, `linklocal`,
   * `uniquelocal`, `private`, `any`. Asked about the client identity of each request; a client
   * that is undetermined is never let in.
   */
  readonly allow: readonly string[]
  /**
   * How addresses of clients are shown, as in the access log: `'full'` (default), `'truncated'` to
   * /24 and /48, or what `addressPrivacy()` of @truehop/log gives, for its `'hmac'`. What the
   * policy names is shown as written.
   */
  readonly address?: AddressSetting | undefined
  /**
   * Names under which the page may be asked for, without port: `['ops.example.com']`. Addresses and
   * `localhost` always are. Any other name is refused, as it may be that of a site which had it
   * resolve to an operator's network to read what is shown there (DNS rebinding).
   */
  readonly hosts?: readonly string[] | undefined
  /** Decisions, and as many anomalies, that are kept to be looked at: 10 to 2000. Default 200. */
  readonly keep?: number | undefined
  /** Pages that may be open at the same time: 1 to 200. Default 10. */
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
