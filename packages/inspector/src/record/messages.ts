import type { ClientIdentity, Policy, RawRequest } from '@truehop/identity'
import { Prefix } from '@truehop/ip'
import type { AnomalyKind } from '../view/view.js'

/** Published on the channels of other packages, which are known only by name. */
export interface RefusedMessage {
  readonly refusal: {
    readonly reason: string
    readonly peer: string | undefined
    readonly message: string
  }
}

export interface AnomalyMessage {
  readonly request: RawRequest
  readonly identity: ClientIdentity
  readonly source?: string
  readonly framework?: unknown
}

/** Something odd, before it is masked. */
export interface Anomaly {
  readonly kind: AnomalyKind
  readonly what: string
  readonly peer: string | undefined
  readonly detail?: string | undefined
  readonly now: number
  readonly policy?: Policy | undefined
  readonly identity?: ClientIdentity
}

/** IPv4 by address and IPv6 by /64, as the limiter counts by default. */
export function networkOf({
  address,
  ip,
}: ClientIdentity & { readonly status: 'resolved' }): string {
  return address.family === 4 ? ip : Prefix.of(address, 64).text
}
