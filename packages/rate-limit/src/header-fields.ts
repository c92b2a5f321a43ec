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
  const [tightest] = standings.toSorted(byTightness)
  if (legacy !== false && tightest !== undefined) fields.push(...legacyFields(tightest, legacy))
  return fields
}

/**
 * A field's value after another limiter's on the same response: the lists of the draft grow, the
 * strictest of the others counts.
 */
export function joined(name: string, sent: unknown, value: string): string {
  if (sent === undefined) return value
  if (name === 'retry-after') return String(Math.max(Number(sent), Number(value)))
  return name.startsWith('x-') ? value : `${String(sent)}, ${value}`
}

function policyItem({ name, limit, window }: Quota): string {
  return `${sfString(name)};q=${limit};w=${window}`
}

function standingItem({ quota, remaining, msLeft }: Standing): string {
  return `${sfString(quota.name)};r=${remaining};t=${secondsOf(msLeft)}`
}

/** These fields have room for one limit only: the one that refuses, or has least left. */
function legacyFields(standing: Standing, form: 'seconds' | 'epoch'): HeaderField[] {
  const seconds = secondsOf(standing.msLeft)
  const reset = form === 'seconds' ? seconds : Math.ceil(Date.now() / 1000) + seconds
  return [
    ['x-ratelimit-limit', String(standing.quota.limit)],
    ['x-ratelimit-remaining', String(standing.remaining)],
    ['x-ratelimit-reset', String(reset)],
  ]
}

function byTightness(a: Standing, b: Standing): number {
  return Number(b.exceeded) - Number(a.exceeded) || a.remaining - b.remaining
}

function list<Item>(items: readonly Item[], text: (item: Item) => string): string {
  return items.map(text).join(', ')
}

/** Rounded up, so that whoever waits that long finds the window ended. */
function secondsOf(milliseconds: number): number {
  return Math.max(0, Math.ceil(milliseconds / 1000))
}

/** A String of structured fields (RFC 9651 section 3.3.3); names are printable ASCII. */
function sfString(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
