export type AcceptErrorCode = 'bad-accept-option' | 'bad-server' | 'already-accepting'

/** A mistake in the call of `acceptProxyProtocol`. The message says what to write instead. */
export class AcceptError extends TypeError {
  override readonly name = 'AcceptError'
  readonly code: AcceptErrorCode
  /** The option at fault, such as `timeout`. */
  readonly option: string | undefined

  constructor(code: AcceptErrorCode, message: string, option?: string, cause?: unknown) {
    super(`${message} [${code}]`, cause === undefined ? undefined : { cause })
    this.code = code
    this.option = option
  }
}
