import { TruehopError } from '@truehop/identity/adapter'

/** `bad-address`: not an address. `no-way`: no way through the policy leads to this client. */
export type TestingErrorCode = 'bad-address' | 'no-way' | 'bad-server'

/** A test asks for a client that cannot be. Says what to write instead. */
export class TestingError extends TruehopError {
  override readonly name = 'TestingError'
  readonly code: TestingErrorCode

  constructor(code: TestingErrorCode, message: string) {
    super(`${message} [${code}]`)
    this.code = code
  }
}
