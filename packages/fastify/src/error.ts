import { TruehopError } from '@truehop/identity/adapter'

export type TruehopFastifyErrorCode =
  | 'trust-proxy-set'
  | 'already-registered'
  | 'listen-unobservable'
  | 'server-not-covered'

/** The plugin cannot do its work on this instance. Thrown at start-up; says what to do instead. */
export class TruehopFastifyError extends TruehopError {
  override readonly name = 'TruehopFastifyError'
  readonly code: TruehopFastifyErrorCode

  constructor(code: TruehopFastifyErrorCode, message: string) {
    super(`${message} [${code}]`)
    this.code = code
  }
}
