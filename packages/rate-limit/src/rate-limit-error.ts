/** Codes of `RateLimitError`. A retired code is never used again. */
export const RATE_LIMIT_ERROR_CODES = [
  'bad-limit',
  'bad-window',
  'bad-limit-prefix',
  'bad-limit-name',
  'bad-limit-option',
  'unknown-limit-option',
  'bad-store',
  'name-in-use',
] as const

export type RateLimitErrorCode = (typeof RATE_LIMIT_ERROR_CODES)[number]

/**
 * Options that cannot be honoured. Thrown at start-up only, never while a request is decided; the
 * message says what to write instead.
 */
export class RateLimitError extends Error {
  override readonly name = 'RateLimitError'
  readonly code: RateLimitErrorCode
  /** Where in the options: `limits[1].window`. */
  readonly path: string

  constructor(code: RateLimitErrorCode, path: string, message: string) {
    super(`${path}: ${message} [${code}]`)
    this.code = code
    this.path = path
  }
}
