import { RateLimitError, type RateLimitErrorCode } from './rate-limit-error.js'

/** What others call it. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  max: 'limit',
  points: 'limit',
  windowMs: 'window, in seconds',
  timeWindow: 'window, in seconds',
  duration: 'window, in seconds',
  interval: 'window, in seconds',
  keyGenerator: 'key',
  allowList: 'skip',
  redis: 'store',
  client: 'store',
  blockTime: 'blockDuration, in seconds',
  skipOnError: "onStoreError: 'allow'",
  passOnStoreError: "onStoreError: 'allow'",
  ipv6Subnet: 'ipv6Prefix',
  timeout: 'deadline, in milliseconds',
}

/** A range of whole numbers, and what to say to whoever is outside it. */
export interface WholeRange {
  readonly min: number
  readonly max: number
  readonly code: RateLimitErrorCode
  readonly hint: string
}

/**
 * Whole numbers only: engines cut fractions, and text or NaN compares in ways nobody meant.
 *
 * @throws {RateLimitError}
 */
export function whole(value: unknown, path: string, { min, max, code, hint }: WholeRange): number {
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value)
  throw new RateLimitError(
    code,
    path,
    `${shown(value)} is no whole number from ${min} to ${max}; ${hint}`,
  )
}

/** @throws {RateLimitError} */
export function oneOf(value: unknown, allowed: readonly unknown[], path: string): void {
  if (allowed.includes(value)) return
  throw new RateLimitError(
    'bad-limit-option',
    path,
    `${shown(value)} is not possible here; write one of ${allowed.map(shown).join(', ')}`,
  )
}

/** @throws {RateLimitError} for anything but a function or undefined. */
export function refuseNoFunction(value: unknown, path: string, example: string): void {
  if (value === undefined || typeof value === 'function') return
  throw new RateLimitError(
    'bad-limit-option',
    path,
    `${shown(value)} is no function; write ${example}`,
  )
}

/** @throws {RateLimitError} for anything but an object that has `known` options only. */
export function refuseUnknown(
  options: unknown,
  known: readonly string[],
  path: string,
  example: string,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new RateLimitError(
      'bad-limit-option',
      path,
      `${shown(options)} is no set of options; write ${example}`,
    )
  }
  const name = Object.keys(options).find((key) => !known.includes(key))
  if (name === undefined) return
  const meant = OTHER_NAMES[name] ?? `one of ${known.join(', ')}`
  throw new RateLimitError(
    'unknown-limit-option',
    `${path}.${name}`,
    `there is no such option; write ${meant}`,
  )
}

export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
