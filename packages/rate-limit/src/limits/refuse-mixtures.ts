import type { LimitValues } from './option-table.js'
import { RateLimitError } from './rate-limit-error.js'

/** What is wrong at one option beside the others. */
interface Mixture {
  readonly path: string
  readonly message: string
}

const CHECKS: readonly ((values: LimitValues, most: number | undefined) => Mixture | undefined)[] =
  [
    costAboveLimit,
    costOfNothing,
    burstOfWindow,
    standaloneWithoutKey,
    standaloneNetworks,
    chargeOfConcurrent,
    twoBans,
    banAboveLongest,
    slowDownBeyondLimit,
  ]

/**
 * Refuses options that are each fine but mean nothing together. `at` is the path of the limit.
 *
 * @throws {RateLimitError}
 */
export function refuseMixtures(values: LimitValues, at: string): void {
  const { limit, burst, algorithm } = values
  const most = algorithm === 'token-bucket' ? (burst ?? limit) : limit
  for (const check of CHECKS) {
    const mixture = check(values, typeof most === 'number' ? most : undefined)
    if (mixture === undefined) continue
    throw new RateLimitError('bad-option', `${at}${mixture.path}`, mixture.message)
  }
}

function costAboveLimit({ cost }: LimitValues, most: number | undefined): Mixture | undefined {
  if (typeof cost !== 'number' || most === undefined || cost <= most) return undefined
  return {
    path: 'cost',
    message: `must be an integer from 0 to ${most}, got ${cost}; no request would ever pass: write an integer up to the limit`,
  }
}

/** Nothing would be counted, before or after. */
function costOfNothing({ cost, charge, concurrent }: LimitValues): Mixture | undefined {
  if (cost !== 0 || (charge === undefined && !concurrent)) return undefined
  const other = concurrent ? 'concurrent' : 'charge'
  return {
    path: 'cost',
    message: `must be at least 1 with ${other}, got 0; a request with 0 is not counted: write what a request may use, or leave it out for 1`,
  }
}

function burstOfWindow({ burst, algorithm }: LimitValues): Mixture | undefined {
  if (burst === undefined || algorithm === 'token-bucket') return undefined
  return {
    path: 'burst',
    message: "is for the token bucket; write algorithm: 'token-bucket' as well, or leave it out",
  }
}

function standaloneWithoutKey({ standalone, key }: LimitValues): Mixture | undefined {
  if (!standalone || key !== undefined) return undefined
  return { path: 'standalone', message: 'needs a key; write key: (request) => request.user?.id' }
}

function standaloneNetworks({ standalone, wider }: LimitValues): Mixture | undefined {
  if (!standalone || wider.length === 0) return undefined
  return {
    path: 'wider',
    message:
      'counts networks, and a standalone key counts none; write it as a separate limit under limits',
  }
}

function chargeOfConcurrent({ concurrent, charge }: LimitValues): Mixture | undefined {
  if (!concurrent || charge === undefined) return undefined
  return {
    path: 'charge',
    message: 'must be left out with concurrent, which gives every unit back',
  }
}

function twoBans({ ban, blockDuration }: LimitValues): Mixture | undefined {
  if (ban === undefined || blockDuration === 0) return undefined
  return {
    path: 'blockDuration',
    message: 'must be left out with ban; write ban: { for: seconds }',
  }
}

function banAboveLongest({ ban }: LimitValues): Mixture | undefined {
  if (ban?.longest === undefined || ban.longest >= ban.for) return undefined
  return {
    path: 'ban.longest',
    message: `must be at least ${ban.for}, the length of the first ban, got ${ban.longest}; leave it out for a day`,
  }
}

function slowDownBeyondLimit(
  { slowDown }: LimitValues,
  most: number | undefined,
): Mixture | undefined {
  if (slowDown === undefined || most === undefined || slowDown.after < most) return undefined
  return {
    path: 'slowDown.after',
    message: `must be an integer from 0 to ${most - 1}, got ${slowDown.after}; no request would ever wait: write fewer units than the limit`,
  }
}
