import type { RateLimitDecision, Standing } from '../decide/decision.js'
import { wholeSeconds } from '../decide/seconds.js'
import type { Quota } from '../limits/quota.js'

/** Name in lower case, and value. */
export type HeaderField = readonly [name: string, value: string]

/**
 * What defines the fields that show where a client stands. Drafts rename members: each is pinned.
 */
export const HEADER_STYLES = ['draft-11', 'draft-7', 'legacy', 'legacy-epoch'] as const

export type HeaderStyle = (typeof HEADER_STYLES)[number]

/**
 * The fields of a response, in the styles asked for, and `Retry-After` in seconds (RFC 9110 section
 * 10.2.3) with a refusal.
 *
 * - `draft-11`: `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-11
 *   sections 3 and 4, a list item for each limit. No partition key: it would show the client its
 *   network as the server sees it.
 * - `draft-7`: the fields of these names of draft-ietf-httpapi-ratelimit-headers-07, one limit.
 * - `legacy`, `legacy-epoch`: `X-RateLimit-Limit`, `-Remaining` and `-Reset`, the last one in
 *   seconds to go or as a Unix time; one limit.
 */
export function headerFields(
  decision: RateLimitDecision,
  styles: readonly HeaderStyle[] = ['draft-11'],
): HeaderField[] {
  const fields: HeaderField[] = []
  for (const style of styles) {
    if (style === 'draft-11') fields.push(...draft11(decision))
    else if (decision.standings.length > 0) {
      const standing = decision.standings.reduce(tighter)
      fields.push(...(style === 'draft-7' ? draft7(decision, standing) : legacy(standing, style)))
    }
  }
  if (decision.retryAfter > 0) fields.push(['retry-after', String(decision.retryAfter)])
  return fields
}

function draft11({ quotas, standings }: RateLimitDecision): HeaderField[] {
  const fields: HeaderField[] = []
  if (quotas.length > 0) fields.push(['ratelimit-policy', list(quotas, policyItem)])
  if (standings.length > 0) fields.push(['ratelimit', list(standings, standingItem)])
  return fields
}

/** Section 2 of that draft has one limit in `RateLimit`, and all quota policies in the other. */
function draft7(
  { quotas }: RateLimitDecision,
  { quota, remaining, msLeft }: Standing,
): HeaderField[] {
  const reset = wholeSeconds(msLeft)
  return [
    ['ratelimit-policy', list(quotas, ({ limit, window }) => `${limit};w=${window}`)],
    ['ratelimit', `limit=${quota.limit}, remaining=${remaining}, reset=${reset}`],
  ]
}

/**
 * A field's value after another limiter's on the same response: the lists of draft 11 grow, of the
 * other fields the strictest counts. A `Retry-After` that is a date was not set by a limiter.
 */
export function joined(name: string, sent: unknown, value: string): string {
  if (sent === undefined) return value
  if (name === 'retry-after') return String(Math.max(Number(sent) || 0, Number(value)))
  return name.startsWith('x-') ? value : `${String(sent)}, ${value}`
}

function policyItem(quota: Quota): string {
  return quota.policyItem
}

function standingItem({ quota, remaining, msLeft }: Standing): string {
  return `${quota.item};r=${remaining};t=${wholeSeconds(msLeft)}`
}

function legacy(standing: Standing, style: 'legacy' | 'legacy-epoch'): HeaderField[] {
  const { quota, remaining, msLeft } = standing
  const seconds = wholeSeconds(msLeft)
  const reset = style === 'legacy' ? seconds : Math.ceil(Date.now() / 1000) + seconds
  return [
    ['x-ratelimit-limit', String(quota.limit)],
    ['x-ratelimit-remaining', String(remaining)],
    ['x-ratelimit-reset', String(reset)],
  ]
}

/** For fields with room for one limit: the one that refuses, or has the least left. */
function tighter(a: Standing, b: Standing): Standing {
  if (a.exceeded !== b.exceeded) return a.exceeded ? a : b
  return b.remaining < a.remaining ? b : a
}

function list<Item>(items: readonly Item[], text: (item: Item) => string): string {
  let joint = ''
  for (const item of items) joint += joint === '' ? text(item) : `, ${text(item)}`
  return joint
}
