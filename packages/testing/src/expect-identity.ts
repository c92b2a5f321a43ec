import { AssertionError } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import {
  type ClientIdentity,
  type IdentifiableRequest,
  identityOf,
} from '@truehop/identity/adapter'

/** The members of an identity that a test is about: `{ ip: '198.51.100.7', source: 'forwarded' }`. */
export type ExpectedIdentity = {
  readonly [Key in keyof ClientIdentity]?: ClientIdentity[Key] | undefined
} & { readonly ip?: string | undefined; readonly reason?: string | undefined }

/**
 * Compares the identity of a request, or an identity, with what a test expects: an address, or some
 * members of the identity.
 *
 * @throws {AssertionError} of `node:assert`, showing both, if they differ.
 */
export function expectIdentity(
  of: IdentifiableRequest | ClientIdentity,
  expected: string | ExpectedIdentity,
): void {
  const identity = 'status' in of && isIdentity(of) ? of : identityOf(of as IdentifiableRequest)
  const wanted = typeof expected === 'string' ? { ip: expected } : expected
  const names = Object.keys(wanted)
  const actual = Object.fromEntries(names.map((name) => [name, Reflect.get(identity, name)]))
  if (isDeepStrictEqual(actual, { ...wanted })) return
  const { status, reason, source } = identity
  throw new AssertionError({
    message: `the client identity is ${JSON.stringify(actual)}, expected ${JSON.stringify(wanted)} (${status}, ${reason}, by ${source})`,
    actual,
    expected: { ...wanted },
    operator: 'expectIdentity',
    stackStartFn: expectIdentity,
  })
}

function isIdentity(value: { readonly status: unknown }): value is ClientIdentity {
  return value.status === 'resolved' || value.status === 'undetermined'
}
