import type { AlgorithmName, BanRule, Rule } from '../decide/rule.js'

/** What one quota is made of. Seconds. */
export interface QuotaTerms {
  readonly name: string
  /** Units a window. */
  readonly limit: number
  readonly window: number
  readonly algorithm: AlgorithmName
  /** Units at once, of a token bucket. */
  readonly burst: number | undefined
  readonly ban: BanRule | undefined
  readonly refunds: boolean
  readonly shadow: boolean
}

/**
 * A number of quota units per window for each network of one width: what the draft calls a quota
 * policy (draft-ietf-httpapi-ratelimit-headers-11 section 3).
 */
export class Quota {
  readonly name: string
  /** Quota units a window. */
  readonly limit: number
  /** Seconds. */
  readonly window: number
  /** Units that may be in use at the same time: the limit, or the burst of a token bucket. */
  readonly capacity: number
  /** True if it decides but refuses no request. */
  readonly shadow: boolean
  /** True for the networks around the client, false for its own. */
  readonly wide: boolean
  /** The name as a String of structured fields (RFC 9651 section 3.3.3). */
  readonly item: string
  /** The item of `RateLimit-Policy`; the same for every request, so made once. */
  readonly policyItem: string
  readonly rule: Rule

  /** `variable`: its window is one of several that the limit has. */
  constructor(terms: QuotaTerms, wide: boolean, variable = false) {
    this.name = terms.name
    this.limit = terms.limit
    this.window = terms.window
    this.capacity = terms.algorithm === 'token-bucket' ? (terms.burst ?? terms.limit) : terms.limit
    this.shadow = terms.shadow
    this.wide = wide
    this.item = `"${terms.name.replaceAll(/["\\]/g, '\\$&')}"`
    this.policyItem = `${this.item};q=${terms.limit};w=${terms.window}`
    const { name, window, algorithm, ban, refunds } = terms
    const rule: Rule = { name, algorithm, window: window * 1000, ban, refunds }
    // A window of another length has separate counts: the parts of the two do not fit together.
    // Names are printable, so that no limit can be called this.
    this.rule = variable ? { ...rule, name: `${name}\n${window}s`, windowOf: name } : rule
  }
}
