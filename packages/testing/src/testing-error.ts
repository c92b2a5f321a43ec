import { TruehopError } from '@truehop/identity/adapter'

/** Codes of `TestingError`. A retired code is never used again. */
export const TESTING_ERROR_CODES = [
  'bad-address',
  'bad-option',
  'unknown-option',
  'no-way',
  'bad-server',
] as const

export type TestingErrorCode = (typeof TESTING_ERROR_CODES)[number]

/** A test asks for a client that cannot exist. The message says what to write instead. */
export class TestingError extends TruehopError {
  override readonly name = 'TestingError'
  readonly code: TestingErrorCode

  constructor(code: TestingErrorCode, message: string, path = '') {
    super(`${path === '' ? '' : `${path}: `}${message} [${code}]`, path)
    this.code = code
  }
}
