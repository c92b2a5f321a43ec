/** Codes of `InspectorError`. A retired code is never used again. */
export const INSPECTOR_ERROR_CODES = [
  'missing-allow',
  'bad-allow',
  'bad-hosts',
  'bad-option',
  'unknown-option',
  'identity-missing',
  'page-missing',
] as const

export type InspectorErrorCode = (typeof INSPECTOR_ERROR_CODES)[number]

/** The inspector cannot be mounted like this. Thrown at start-up; says what to write instead. */
export class InspectorError extends Error {
  override readonly name = 'InspectorError'
  readonly code: InspectorErrorCode
  /** Where in the options: `allow`. Empty for the options themselves. */
  readonly path: string

  constructor(code: InspectorErrorCode, path: string, message: string) {
    super(`${path === '' ? 'inspector' : path}: ${message} [${code}]`)
    this.code = code
    this.path = path
  }
}
