import { Policy, type PolicyOptions } from '@truehop/identity/portable'
import {
  codeIn,
  custom,
  type FieldsOf,
  integer,
  isRecord,
  type Report,
  readOptions,
  show,
  type Values,
} from '@truehop/options'
import { TESTING_ERROR_CODES, TestingError } from './testing-error.js'

export interface ClientOptions {
  /**
   * The policy of the service: requests then come the way they do in production, from an address of
   * a hop, with the header or PROXY header that this hop writes. Left out, the client has connected
   * directly, with no proxy in between; every policy takes it for the client, unless it trusts that
   * address.
   */
  readonly policy?: Policy | PolicyOptions | undefined
  /** The port that the client connects from, 1 to 65535. Default 49152. */
  readonly port?: number | undefined
}

/** What each option takes; the check, its message and the documentation come from here. */
export const CLIENT_OPTIONS = {
  policy: custom<Policy | PolicyOptions>(
    readPolicy,
    'what `definePolicy()` returns, or its options',
    undefined,
  )({
    says: 'The policy of the service, through whose hops requests come. Left out, the client has connected directly.',
  }),
  port: integer({
    says: 'The port that the client connects from.',
    least: 1,
    most: 65_535,
    default: 49_152,
  }),
} satisfies FieldsOf<ClientOptions>

/** @throws {TestingError} for anything that would have to be guessed. */
export function readClientOptions(options: ClientOptions): Values<typeof CLIENT_OPTIONS> {
  return readOptions(
    CLIENT_OPTIONS,
    options,
    ({ code, path, message }) =>
      new TestingError(codeIn(TESTING_ERROR_CODES, code, 'bad-option'), message, path),
    { says: '', hint: 'write { policy }' },
  )
}

function isPolicyOptions(value: unknown): value is PolicyOptions {
  return isRecord(value)
}

/** `definePolicy` judges what is in the options of a policy. */
function readPolicy(value: unknown, path: string, report: Report): Policy | PolicyOptions {
  if (value instanceof Policy || isPolicyOptions(value)) return value
  const message = `must be what definePolicy() returns or its options, got ${show(value)}`
  report({ path, code: 'bad-option', message })
  return { hops: [] }
}
