import { TruehopError } from '@truehop/ip'
import { placedMessage } from '@truehop/ip/internal'

/** Codes of `RateLimitError`. A retired code is never used again. */
export const RATE_LIMIT_ERROR_CODES = [
  'bad-limit',
  'bad-window',
  'bad-limit-prefix',
  'bad-limit-name',
  'bad-option',
  'unknown-option',
  'bad-store',
  'name-in-use',
] as const

export type RateLimitErrorCode = (typeof RATE_LIMIT_ERROR_CODES)[number]

/**
 * Options that cannot be honoured. Thrown at start-up only, never while a request is decided; the
 * message says what to write instead.
 */
export class RateLimitError extends TruehopError {
  override readonly name = 'RateLimitError'
  readonly code: RateLimitErrorCode

  constructor(code: RateLimitErrorCode, path: string, message: string) {
    super(placedMessage(path, 'rateLimit', message, code), path)
    this.code = code
  }
}
