import { TruehopError } from '@truehop/ip'
import { placedMessage } from '@truehop/ip/internal'
import { codeIn, type Problem } from '@truehop/options'

/** Codes of `LogError`. A retired code is never used again. */
export const LOG_ERROR_CODES = ['bad-option', 'unknown-option', 'missing-key', 'weak-key'] as const

export type LogErrorCode = (typeof LOG_ERROR_CODES)[number]

/**
 * Options that cannot be used. Thrown at start-up only; the message names the option and says what
 * to write instead.
 */
export class LogError extends TruehopError {
  override readonly name = 'LogError'
  readonly code: LogErrorCode

  constructor(code: LogErrorCode, path: string, message: string) {
    super(placedMessage(path, 'log', message, code), path)
    this.code = code
  }
}

/** Makes the package's error of what is wrong first. */
export function refusal({ code, path, message }: Problem): LogError {
  return new LogError(codeIn(LOG_ERROR_CODES, code, 'bad-option'), path, message)
}
