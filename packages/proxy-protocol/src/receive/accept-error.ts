import { TruehopError } from '@truehop/ip'

export type AcceptErrorCode = 'bad-accept-option' | 'bad-server' | 'already-accepting'

/** A mistake in a call to `acceptProxyProtocol`. The message says what to write instead. */
export class AcceptError extends TruehopError {
  override readonly name = 'AcceptError'
  readonly code: AcceptErrorCode

  /** `path`: the option at fault, such as `timeout`. */
  constructor(code: AcceptErrorCode, message: string, path = '', cause?: unknown) {
    super(`${message} [${code}]`, path, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
