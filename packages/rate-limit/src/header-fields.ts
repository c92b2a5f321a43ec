import type { RateLimitDecision, Standing } from './decision.js'
import type { Quota } from './quota.js'

/** Name in lower case, and value. */
export type HeaderField = readonly [name: string, value: string]

/**
 * The fields of a response: `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers-11 sections 3 and 4), `Retry-After` in seconds (RFC 9110
 * section 10.2.3) with a refusal, and the older `X-RateLimit-*` where asked for.
 *
 * No partition key is sent: it would tell the client its network as the server sees it.
 */
export function headerFields(
  decision: RateLimitDecision,
  legacy: false | 'seconds' | 'epoch',
): HeaderField[] {
  const { quotas, standings, retryAfter } = decision
  const fields: HeaderField[] = []
  if (quotas.length > 0) fields.push(['ratelimit-policy', list(quotas, policyItem)])
  if (standings.length > 0) fields.push(['ratelimit', list(standings, standingItem)])
  if (retryAfter > 0) fields.push(['retry-after', String(retryAfter)])
  if (legacy !== false && standings.length > 0) fields.push(...legacyFields(standings, legacy))
  return fields
}

/**
 * A field's value after another limiter's on the same response: the lists of the draft grow, the
 * strictest of the others counts. A `Retry-After` that is a date was not set by a limiter.
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
  return `${quota.item};r=${remaining};t=${secondsOf(msLeft)}`
}

/** These fields have room for one limit only: the one that refuses, or has least left. */
function legacyFields(standings: readonly Standing[], form: 'seconds' | 'epoch'): HeaderField[] {
  const { quota, remaining, msLeft } = standings.reduce(tighter)
  const seconds = secondsOf(msLeft)
  const reset = form === 'seconds' ? seconds : Math.ceil(Date.now() / 1000) + seconds
  return [
    ['x-ratelimit-limit', String(quota.limit)],
    ['x-ratelimit-remaining', String(remaining)],
    ['x-ratelimit-reset', String(reset)],
  ]
}

function tighter(a: Standing, b: Standing): Standing {
  if (a.exceeded !== b.exceeded) return a.exceeded ? a : b
  return b.remaining < a.remaining ? b : a
}

function list<Item>(items: readonly Item[], text: (item: Item) => string): string {
  let joint = ''
  for (const item of items) joint += joint === '' ? text(item) : `, ${text(item)}`
  return joint
}

/** Rounded up, so that whoever waits that long finds the window ended. */
function secondsOf(milliseconds: number): number {
  return Math.max(0, Math.ceil(milliseconds / 1000))
}
