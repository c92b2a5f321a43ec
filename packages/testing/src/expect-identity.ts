import { AssertionError } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import {
  type ClientIdentity,
  type IdentifiableRequest,
  identityOf,
  type ResolvedIdentity,
  type UndeterminedIdentity,
} from '@truehop/identity/adapter'
import { isRecord, reportUnknown, show } from '@truehop/options'
import { TestingError } from './testing-error.js'

/** The members of an identity that a test is about: `{ ip: '198.51.100.7', source: 'forwarded' }`. */
export type ExpectedIdentity = {
  readonly [Key in keyof ClientIdentity]?: ClientIdentity[Key] | undefined
} & { readonly ip?: string | undefined; readonly reason?: string | undefined }

/**
 * Compares the identity of a request, or an identity, with what a test expects: an address, or some
 * members of the identity.
 *
 * @throws {AssertionError} of `node:assert`, showing both, if they differ.
 * @throws {TestingError} for an expectation that every identity, or none, would meet.
 */
export function expectIdentity(
  of: IdentifiableRequest | ClientIdentity,
  expected: string | ExpectedIdentity,
): void {
  const identity = 'status' in of && isIdentity(of) ? of : identityOf(of as IdentifiableRequest)
  const wanted = typeof expected === 'string' ? { ip: expected } : expected
  const names = namesIn(wanted)
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

const MEMBERS: Readonly<Record<keyof ResolvedIdentity | keyof UndeterminedIdentity, true>> = {
  address: true,
  entry: true,
  host: true,
  hops: true,
  ip: true,
  lastTrustedHop: true,
  nodes: true,
  peer: true,
  peerPort: true,
  port: true,
  protocol: true,
  reason: true,
  rule: true,
  source: true,
  status: true,
  tlvs: true,
}

/** A number, a list or nothing has no members that could differ, and the test could not fail. */
function namesIn(wanted: unknown): readonly string[] {
  const names = isRecord(wanted) ? Object.keys(wanted) : []
  if (!isRecord(wanted) || names.length === 0) {
    const message = `must be an address or members of the identity, got ${show(wanted)}; write { ip: '198.51.100.7' }`
    throw new TestingError('bad-option', message, 'expected')
  }
  reportUnknown(wanted, Object.keys(MEMBERS), '', ({ path, message }) => {
    throw new TestingError('unknown-option', message, path)
  })
  return names
}

function isIdentity(value: { readonly status: unknown }): value is ClientIdentity {
  return value.status === 'resolved' || value.status === 'undetermined'
}
