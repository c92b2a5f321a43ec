import { TruehopError } from '@truehop/ip'
import { placedMessage } from '@truehop/ip/internal'

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
    super(placedMessage(path, '', message, code), path)
    this.code = code
  }
}

/** Throws `LogError` for the first key that is none of `known`. */
export function refuseUnknown(options: object, known: readonly string[], path = ''): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new LogError(
        'unknown-option',
        path + key,
        `no such option; there are ${known.join(', ')}`,
      )
    }
  }
}

/** Throws `LogError` for a value that is none of `values`. */
export function requireOneOf(path: string, value: unknown, values: readonly string[]): void {
  if (typeof value === 'string' && values.includes(value)) return
  const choice = values.map((each) => `'${each}'`).join(' or ')
  throw new LogError('bad-option', path, `expected ${choice}, got ${String(value)}`)
}

/** Throws `LogError` for a value that is no whole number of the range. */
export function requireInteger(path: string, value: unknown, least: number, most: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)
    return
  throw new LogError(
    'bad-option',
    path,
    `expected a whole number from ${least} to ${most}, got ${String(value)}`,
  )
}

/** Throws `LogError` for a value that is no function. */
export function requireFunction(path: string, value: unknown): void {
  if (typeof value === 'function') return
  throw new LogError('bad-option', path, `expected a function, got ${typeof value}`)
}
