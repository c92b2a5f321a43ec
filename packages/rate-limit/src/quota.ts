import type { ClientIdentity } from '@truehop/identity'
import { clientKey } from './client-key.js'

/**
 * So many quota units a window for each network of one width: what the draft calls a quota policy
 * (draft-ietf-httpapi-ratelimit-headers-11 section 3). A named limit has one, and one more for
 * each wider network.
 */
export interface QuotaSpec {
  readonly name: string
  /** Quota units a window. */
  readonly limit: number
  /** Seconds. */
  readonly window: number
  /** Seconds; 0 for none. */
  readonly blockDuration: number
  /** Leading bits; undefined where the quota does not count the family. */
  readonly ipv4Prefix: number | undefined
  readonly ipv6Prefix: number | undefined
}

export class Quota implements QuotaSpec {
  readonly name: string
  readonly limit: number
  readonly window: number
  readonly blockDuration: number
  readonly ipv4Prefix: number | undefined
  readonly ipv6Prefix: number | undefined
  /** True for the networks around the client, false for its own. */
  readonly wide: boolean
  /** The name as a String of structured fields (RFC 9651 section 3.3.3). */
  readonly item: string
  /** The item of `RateLimit-Policy`; the same for every request, so made once. */
  readonly policyItem: string
  readonly #widths: { readonly ipv4Prefix: number; readonly ipv6Prefix: number }

  constructor(spec: QuotaSpec, wide: boolean) {
    this.name = spec.name
    this.limit = spec.limit
    this.window = spec.window
    this.blockDuration = spec.blockDuration
    this.ipv4Prefix = spec.ipv4Prefix
    this.ipv6Prefix = spec.ipv6Prefix
    this.wide = wide
    this.item = `"${spec.name.replaceAll(/["\\]/g, '\\$&')}"`
    this.policyItem = `${this.item};q=${spec.limit};w=${spec.window}`
    this.#widths = { ipv4Prefix: spec.ipv4Prefix ?? 32, ipv6Prefix: spec.ipv6Prefix ?? 128 }
  }

  /** Limits of equal names on one store must be equal in this. */
  get signature(): string {
    return `${this.limit}/${this.window}s block ${this.blockDuration}s, prefixes ${this.ipv4Prefix ?? '-'} and ${this.ipv6Prefix ?? '-'}`
  }

  /** A wider quota counts networks; who cannot be named has none, and an unnamed family neither. */
  appliesTo(identity: ClientIdentity): boolean {
    if (!this.wide) return true
    if (identity.status === 'undetermined') return false
    return (identity.address.family === 4 ? this.ipv4Prefix : this.ipv6Prefix) !== undefined
  }

  /** The client's network at this quota's width. */
  keyOf(identity: ClientIdentity): string {
    return clientKey(identity, this.#widths)
  }
}
