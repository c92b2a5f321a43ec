import { type Prefix, PrefixError, parsePrefix } from '@truehop/ip'
import { isRecord } from '@truehop/options'

/** A decision of CrowdSec on addresses. */
export interface CrowdSecDecision {
  /** The address or range. */
  readonly entry: string
  /** `ban`, `captcha`, … */
  readonly type: string
  /** Who made it: `crowdsec`, `cscli`, `CAPI`, or `lists:<name>`. */
  readonly origin: string
  readonly scenario: string
  /** Milliseconds since 1970. */
  readonly expires: number
}

/** A decision as it is held. */
export interface HeldDecision extends Omit<CrowdSecDecision, 'expires'> {
  /** When it expires, on the clock of `performance.now()`. */
  readonly until: number
}

/** A decision with its prefix. */
export interface PlacedDecision {
  readonly prefix: Prefix
  readonly decision: HeldDecision
}

/** No decision on more than these bits leave is meant: it would refuse much of the Internet. */
const WIDEST = { 4: 8, 6: 16 } as const

/** Characters of a text from outside that are kept. */
const LONGEST = 200

/**
 * A decision as the Local API writes it; undefined for one on something else than addresses, for a
 * simulated one, and for what is none. `now` is on the clock of `performance.now()`.
 */
export function readDecision(value: unknown, now: number): PlacedDecision | undefined {
  if (!isRecord(value) || value['simulated'] === true) return undefined
  const { scope, value: target, type, origin, scenario, duration } = value
  if (!/^(ip|range)$/i.test(String(scope)) || typeof target !== 'string') return undefined
  const prefix = prefixOf(target)
  const seconds = secondsOf(String(duration))
  if (prefix === undefined || seconds === undefined) return undefined
  const why = String(scenario ?? '').slice(0, LONGEST)
  const from = String(origin ?? '').slice(0, LONGEST)
  const decision = {
    entry: target,
    type: String(type ?? '').slice(0, LONGEST),
    origin: from === 'lists' ? `lists:${why}` : from,
    scenario: why,
    until: now + seconds * 1000,
  }
  return { prefix, decision }
}

function prefixOf(text: string): Prefix | undefined {
  try {
    const prefix = parsePrefix(text)
    return prefix.length >= WIDEST[prefix.family] ? prefix : undefined
  } catch (error) {
    if (error instanceof PrefixError) return undefined
    throw error
  }
}

const UNITS: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
}

/** A duration as Go writes it, `3h59m58.2s`; of one that is over it is negative. */
function secondsOf(text: string): number | undefined {
  if (!/^-?(\d{1,9}(\.\d{1,9})?(h|ms|m|s|us|µs|ns))+$/.test(text) || text.length > 64) {
    return undefined
  }
  let sum = 0
  for (const [, amount, unit = ''] of text.matchAll(/([\d.]+)([^\d.]+)/g)) {
    sum += Number(amount) * (UNITS[unit] ?? 0)
  }
  return text.startsWith('-') ? -sum : sum
}
