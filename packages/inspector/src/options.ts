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
  /** How many decisions, and how many anomalies of each kind, are kept for viewing: 10 to 2000. Default 200. */
  readonly keep?: number | undefined
  /** How many pages may be open at the same time: 1 to 200. Default 10. */
  readonly maxViewers?: number | undefined
  /**
   * Limits and lists that operators may change from the page, by the names under which it shows them.
   * Off unless named. Everybody in `allow` may.
   */
  readonly actions?: ActionTargets | undefined
}

/** Each may be a function, for what is made after the inspector. */
export interface ActionTargets {
  /** Limiters of @truehop/rate-limit: look at a client, reset it, block it, give units back. */
  readonly limits?:
    | Readonly<Record<string, OperableLimit | (() => OperableLimit | undefined)>>
    | undefined
  /** What `sharedEntries()` of @truehop/allowlist returns: show, add and remove entries. */
  readonly lists?:
    | Readonly<Record<string, OperableList | (() => OperableList | undefined)>>
    | undefined
}

/** What a `RateLimiter` of @truehop/rate-limit has, or anything like it. */
export interface OperableLimit {
  peek(subject: { readonly client: string }): Promise<
    readonly {
      readonly quota: { readonly name: string; readonly limit: number }
      readonly remaining: number
      readonly msLeft: number
      readonly exceeded: boolean
    }[]
  >
  reset(subject: { readonly client: string }): Promise<void>
  block(subject: { readonly client: string }, seconds: number): Promise<void>
  reward(subject: { readonly client: string }, units: number): Promise<void>
}

/** What `SharedEntries` of @truehop/allowlist has, or anything like it. */
export interface OperableList {
  details(): Iterable<{
    readonly entry: string
    readonly by: string
    readonly note: string | undefined
    readonly added: number
    readonly expires: number | undefined
  }>
  add(
    entry: string,
    options: {
      readonly ttl?: number | undefined
      readonly note?: string | undefined
      readonly by: string
    },
  ): Promise<unknown>
  remove(entry: string, options: { readonly by: string }): Promise<unknown>
  status(): { readonly size: number; readonly stale: boolean }
}

/** `InspectorOptions`, validated. */
export interface InspectorSettings {
  readonly allow: PeerSet
  readonly hosts: HostNames
  readonly address: AddressSetting
  readonly keep: number
  readonly maxViewers: number
  readonly actions?: ActionTargets | undefined
}
