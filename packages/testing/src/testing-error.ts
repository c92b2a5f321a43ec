import { TruehopError } from '@truehop/identity'

/**
 * `bad-address`: not an address. `no-way`: no way through the policy leads to this client.
 * `bad-server`: not a server of this process.
 */
export type TestingErrorCode = 'bad-address' | 'no-way' | 'bad-server'

/** A test asks for a client that cannot be. Says what to write instead; `path` names the argument. */
export class TestingError extends TruehopError {
  override readonly name = 'TestingError'
  readonly code: TestingErrorCode

  constructor(code: TestingErrorCode, path: string, message: string) {
    super(`${message} [${code}]`, path)
    this.code = code
  }
}
