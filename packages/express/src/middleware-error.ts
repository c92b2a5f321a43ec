export type MiddlewareErrorCode =
  | 'bad-logger'
  | 'bad-server'
  | 'not-attached'
  | 'trust-proxy-set'
  | 'already-installed'
  | 'client-ip-set'

/**
 * The middleware cannot do its work in this application. Says what to do instead. Thrown at
 * start-up where it can be known then; else every request fails with it, from the first one on.
 */
export class MiddlewareError extends Error {
  override readonly name = 'MiddlewareError'
  readonly code: MiddlewareErrorCode

  constructor(code: MiddlewareErrorCode, message: string) {
    super(`${message} [${code}]`)
    this.code = code
  }
}
