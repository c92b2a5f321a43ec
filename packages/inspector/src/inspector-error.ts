import { TruehopError } from '@truehop/ip'
import { placedMessage } from '@truehop/ip/internal'

/** Codes of `InspectorError`. A retired code is never used again. */
export const INSPECTOR_ERROR_CODES = [
  'missing-allow',
  'bad-allow',
  'bad-hosts',
  'bad-actions',
  'bad-option',
  'unknown-option',
  'identity-missing',
] as const

export type InspectorErrorCode = (typeof INSPECTOR_ERROR_CODES)[number]

/** The inspector cannot be mounted like this. Thrown at start-up; says what to write instead. */
export class InspectorError extends TruehopError {
  override readonly name = 'InspectorError'
  readonly code: InspectorErrorCode

  constructor(code: InspectorErrorCode, path: string, message: string) {
    super(placedMessage(path, 'inspector', message, code), path)
    this.code = code
  }
}
