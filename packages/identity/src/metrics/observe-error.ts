import { TruehopError } from '@truehop/ip'
import { placedMessage } from '@truehop/ip/internal'

/** Codes of `ObserveError`. A retired code is never used again. */
export const OBSERVE_ERROR_CODES = ['bad-option', 'unknown-option'] as const

export type ObserveErrorCode = (typeof OBSERVE_ERROR_CODES)[number]

/** What was given to `observe` cannot be observed. Thrown at start-up; says what to write instead. */
export class ObserveError extends TruehopError {
  override readonly name = 'ObserveError'
  readonly code: ObserveErrorCode

  constructor(code: ObserveErrorCode, path: string, message: string) {
    super(placedMessage(path, 'observe', message, code), path)
    this.code = code
  }
}
