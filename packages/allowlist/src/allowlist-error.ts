import { TruehopError } from '@truehop/ip'
import { placedMessage } from '@truehop/ip/internal'
import { codeIn, type Problem } from '@truehop/options'

/** Codes of `AllowlistError`. A retired code is never used again. */
export const ALLOWLIST_ERROR_CODES = [
  'missing-lists',
  'bad-list',
  'bad-entry',
  'bad-source',
  'bad-option',
  'unknown-option',
  'unknown-list',
] as const

export type AllowlistErrorCode = (typeof ALLOWLIST_ERROR_CODES)[number]

/**
 * Lists that cannot be used. Thrown at start-up, by `replace` and by `add`, never while a request
 * is decided; the message names the entry and says what to write instead.
 */
export class AllowlistError extends TruehopError {
  override readonly name = 'AllowlistError'
  readonly code: AllowlistErrorCode

  constructor(code: AllowlistErrorCode, path: string, message: string) {
    super(placedMessage(path, 'allowlist', message, code), path)
    this.code = code
  }
}

/** Makes the package's error of what is wrong first. */
export function refusal({ code, path, message }: Problem): AllowlistError {
  return new AllowlistError(codeIn(ALLOWLIST_ERROR_CODES, code, 'bad-option'), path, message)
}
