import type { ClientIdentity } from '@truehop/identity'
import { immediate } from '@truehop/identity/adapter'
import type { Address } from '@truehop/ip'
import { Key } from './key.js'
import { Quota, type QuotaTerms } from './quota.js'
import { RateLimitError } from './rate-limit-error.js'

/** A number, or a function that returns it for a request. */
export type PerRequest<Request> = number | ((request: Request, identity: ClientIdentity) => number)

export interface QuotaSpec<Request> extends Omit<QuotaTerms, 'limit' | 'window'> {
  readonly limit: PerRequest<Request>
  readonly window: PerRequest<Request>
  /** Leading bits; undefined if the quota does not count the family. */
  readonly ipv4Prefix: number | undefined
  readonly ipv6Prefix: number | undefined
}

/** The largest Integer of a structured field (RFC 9651 section 3.3.1). */
export const MAX_UNITS = 999_999_999_999_999
/** Seconds. */
export const MAX_WINDOW = 10_000_000_000
/** More plans than any application has: beyond this, the number is made of what a client sends. */
const MAX_QUOTAS = 1000

/** The quota of one width, which may differ by request: the plan that an account has paid for. */
export class QuotaPlan<Request> {
  readonly name: string
  readonly wide: boolean
  readonly #spec: QuotaSpec<Request>
  readonly #only: Quota | undefined
  readonly #quotas = new Map<string, Quota>()
  readonly #widths: { readonly ipv4Prefix: number; readonly ipv6Prefix: number }

  constructor(spec: QuotaSpec<Request>, wide: boolean) {
    this.name = spec.name
    this.wide = wide
    this.#spec = spec
    const { limit, window } = spec
    const isFixed = typeof limit === 'number' && typeof window === 'number'
    this.#only = isFixed ? new Quota({ ...spec, limit, window }, wide) : undefined
    this.#widths = { ipv4Prefix: spec.ipv4Prefix ?? 32, ipv6Prefix: spec.ipv6Prefix ?? 128 }
  }

  /** The quota of every request, if they all have the same one. */
  get fixed(): Quota | undefined {
    return this.#only
  }

  /** The terms in words: two limits with the same name on one store must have the same terms. */
  get signature(): string {
    const { limit, window, algorithm, burst, ban, ipv4Prefix, ipv6Prefix } = this.#spec
    const terms = `${shownTerm(limit)}/${shownTerm(window)}s ${algorithm}`
    const more = `${burst ?? '-'}, ban ${ban === undefined ? '-' : JSON.stringify(ban)}`
    const prefixes = `${this.wide ? 'wider ' : ''}prefixes ${ipv4Prefix ?? '-'} and ${ipv6Prefix ?? '-'}`
    return `${terms}, burst ${more}, ${prefixes}`
  }

  /** @throws {TypeError} if what `limit` or `window` returned is not valid. */
  quotaFor(request: Request, identity: ClientIdentity): Quota {
    if (this.#only !== undefined) return this.#only
    const limit = this.#asked('limit', MAX_UNITS, request, identity)
    const window = this.#asked('window', MAX_WINDOW, request, identity)
    const id = `${limit}/${window}`
    const known = this.#quotas.get(id)
    if (known !== undefined) return known
    if (this.#quotas.size >= MAX_QUOTAS) this.#quotas.clear()
    const isVariable = typeof this.#spec.window === 'function'
    const quota = new Quota({ ...this.#spec, limit, window }, this.wide, isVariable)
    this.#quotas.set(id, quota)
    return quota
  }

  /**
   * A wider quota counts networks; an undetermined client has none, nor has a family without a
   * prefix.
   */
  appliesTo(identity: ClientIdentity): boolean {
    if (!this.wide) return true
    if (identity.status === 'undetermined') return false
    const { ipv4Prefix, ipv6Prefix } = this.#spec
    return (identity.address.family === 4 ? ipv4Prefix : ipv6Prefix) !== undefined
  }

  /** Leading bits of the network of an address; undefined if its family is not counted. */
  widthFor({ family }: Address): number | undefined {
    return family === 4 ? this.#spec.ipv4Prefix : this.#spec.ipv6Prefix
  }

  /** The client's network at this width. */
  keyOf(identity: ClientIdentity): Key {
    return Key.of(identity, this.#widths)
  }

  keyOfAddress(address: Address): Key {
    return Key.ofAddress(address, this.#widths)
  }

  #asked(what: 'limit' | 'window', most: number, request: Request, by: ClientIdentity): number {
    const term = this.#spec[what]
    if (typeof term === 'number') return term
    const asked = immediate(`${what} of limit`, term(request, by), this.name)
    if (typeof asked === 'number' && Number.isInteger(asked) && asked >= 1 && asked <= most) {
      return asked
    }
    throw new TypeError(
      `${what} of limit "${this.name}" returned ${String(asked)}; return an integer from 1 to ${most}`,
    )
  }
}

function shownTerm(term: PerRequest<never>): string {
  return typeof term === 'number' ? String(term) : 'f'
}

/**
 * The names that are in use on one store. Limits with one name are one limit, whichever route or
 * process they are in; two limits that differ would count each other's clients wrongly.
 */
export class NamesInUse {
  readonly #signatures = new Map<string, string>()

  /** @throws {RateLimitError} `name-in-use` for another quota under the same name. */
  claim({ name, signature }: { readonly name: string; readonly signature: string }): void {
    const held = this.#signatures.get(name)
    if (held !== undefined && held !== signature) {
      throw new RateLimitError(
        'name-in-use',
        'name',
        `'${name}' is already ${held} on this store, and cannot be ${signature} as well; give one of them another name`,
      )
    }
    this.#signatures.set(name, signature)
  }
}
