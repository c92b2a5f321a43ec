import { TruehopError } from '@truehop/identity/adapter'

export type TruehopExpressErrorCode =
  | 'bad-logger'
  | 'bad-server'
  | 'not-attached'
  | 'trust-proxy-set'
  | 'already-installed'
  | 'client-ip-set'

/**
 * The middleware cannot do its work in this application. Says what to do instead. Thrown at
 * start-up if it can be known then; otherwise every request fails with it, from the first one on.
 */
export class TruehopExpressError extends TruehopError {
  override readonly name = 'TruehopExpressError'
  readonly code: TruehopExpressErrorCode

  constructor(code: TruehopExpressErrorCode, message: string, path = '') {
    super(`${path === '' ? '' : `${path}: `}${message} [${code}]`, path)
    this.code = code
  }
}
