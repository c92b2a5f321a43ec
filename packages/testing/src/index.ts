export { asClient, type ClientOptions, type TestClient } from './as-client.js'
export { type ExpectedIdentity, expectIdentity } from './expect-identity.js'
export type { InjectedOptions } from './inject.js'
export { TestingError, type TestingErrorCode } from './testing-error.js'
