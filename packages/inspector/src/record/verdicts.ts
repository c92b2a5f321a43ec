import type { Mask } from '../view/address-mask.js'
import { listText, messageText } from '../view/foreign-text.js'
import type { VerdictView } from '../view/view.js'
import type { Standing } from './client-table.js'

export type Verdict = VerdictView

/** Published on the channels of other packages, which are known only by name. */
export interface AllowlistMessage {
  readonly request: object
  readonly decision: {
    readonly allowed: boolean
    readonly enforced: boolean
    readonly reason: string
    readonly name: string
    readonly entry?: string | undefined
    readonly source?: string | undefined
  }
}

export interface LimitMessage {
  readonly request: object
  readonly decision: {
    readonly allowed: boolean
    readonly reason?: string
    readonly client: string
    readonly standings: readonly (Standing & {
      readonly exceeded?: boolean
      readonly shadow?: boolean
    })[]
    readonly shadows?: readonly Standing[]
  }
}

/**
 * What an allowlist decided, and by which entry. Entries that the policy's author wrote are shown as
 * written; those that came at run time may be clients.
 */
export function allowlistVerdict({ decision }: AllowlistMessage, mask: Mask): Verdict {
  const { allowed, enforced, reason, name, entry, source } = decision
  const word = allowed ? 'allowed' : enforced ? 'denied' : 'would-deny'
  const shown = source === 'static' ? (text: string) => text : mask
  return {
    by: 'allowlist',
    name: messageText(name, mask),
    word,
    reason,
    what: entry === undefined ? [] : [listText(entry, shown)],
    source: source === undefined ? undefined : messageText(source, mask),
  }
}

/** What the limiter decided, and by which limits. */
export function limitVerdict({ decision }: LimitMessage, mask: Mask): Verdict {
  const { allowed, reason = '', standings, shadows = [] } = decision
  const exceeded = standings.filter((one) => one.exceeded === true && one.shadow !== true)
  const named = allowed ? shadows : exceeded
  return {
    by: 'rate-limit',
    name: 'rate limit',
    word: allowed ? (shadows.length > 0 ? 'would-limit' : 'allowed') : 'limited',
    reason,
    what: named.slice(0, MAX_NAMED).map(({ quota }) => messageText(quota.name, mask)),
  }
}

/** Limits of one verdict that are named. */
const MAX_NAMED = 8
