export type PluginErrorCode =
  | 'trust-proxy-set'
  | 'already-registered'
  | 'listen-unobservable'
  | 'server-not-covered'

/** The plugin cannot do its work on this instance. Thrown at start-up; says what to do instead. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly code: PluginErrorCode

  constructor(code: PluginErrorCode, message: string) {
    super(`${message} [${code}]`)
    this.code = code
  }
}
