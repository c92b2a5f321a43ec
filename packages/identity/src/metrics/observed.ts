import type { Metered } from '@truehop/ip/internal'
import { codeIn, custom, type FieldsOf, type Report, readOptions, show } from '@truehop/options'
import { Policy } from '../policy/policy.js'
import { OBSERVE_ERROR_CODES, ObserveError } from './observe-error.js'
import type { Receiver } from './receiver-metrics.js'

/** One, or a list, which is iterated again for each collection: it may grow. */
export type OneOrMore<T> = T | Iterable<T>

/** What is to be observed. */
export interface Observed {
  readonly policy?: OneOrMore<Policy> | undefined
  /**
   * What counts connections with PROXY headers: `app.proxyProtocol` of Fastify,
   * `identity.proxyProtocol` of Express, handles of `acceptProxyProtocol`.
   */
  readonly servers?: OneOrMore<Receiver> | undefined
  /** `app.rateLimiters` of Fastify, the middleware of Express, a `RateLimiter`. */
  readonly limiters?: OneOrMore<Metered> | undefined
  /** `app.allowlists` of Fastify, the middleware of Express, an `Allowlist`. */
  readonly lists?: OneOrMore<Metered> | undefined
  /** What `auditTrail` returned. */
  readonly audit?: OneOrMore<Metered> | undefined
  /** `openInspectors` of `@truehop/inspector`. */
  readonly inspectors?: OneOrMore<Metered> | undefined
}

/** What each member takes; the check and its message come from here. */
export const OBSERVED = {
  policy: observable((value): value is Policy => value instanceof Policy)({
    says: 'A policy, or several.',
    hint: 'write policy: definePolicy({ … }), the one that is in force',
  }),
  servers: observable(isReceiver)({
    says: 'Servers that receive PROXY headers.',
    hint: 'write servers: app.proxyProtocol on Fastify, identity.proxyProtocol on Express',
  }),
  limiters: observable(isMetered)({
    says: 'Rate limiters.',
    hint: 'write limiters: app.rateLimiters on Fastify, what rateLimit() returned on Express',
  }),
  lists: observable(isMetered)({
    says: 'Allowlists.',
    hint: 'write lists: app.allowlists on Fastify, what allowlist() returned on Express',
  }),
  audit: observable(isMetered)({
    says: 'Audit trails.',
    hint: 'write audit: trail, of auditTrail({ … })',
  }),
  inspectors: observable(isMetered)({
    says: 'Inspectors.',
    hint: 'write inspectors: openInspectors, of @truehop/inspector',
  }),
} satisfies FieldsOf<Observed>

/** @throws {ObserveError} */
export function readObserved(given: Observed): Observed {
  const observed = readOptions(
    OBSERVED,
    given,
    ({ code, path, message }) =>
      new ObserveError(codeIn(OBSERVE_ERROR_CODES, code, 'bad-option'), path, message),
    { says: '', hint: HINT },
  )
  if (Object.values(observed).some((each) => each !== undefined)) return observed
  throw new ObserveError('bad-option', '', `names nothing to observe; ${HINT}`)
}

const HINT = 'write { policy, servers: app.proxyProtocol }'

/** What was given, as a list; the list itself where it is one, for what comes later. */
export function all<T extends object>(given: OneOrMore<T> | undefined): Iterable<T> {
  if (given === undefined) return []
  return isIterable(given) ? given : [given]
}

function observable<T extends object>(accepts: (value: unknown) => value is T) {
  return (details: { readonly says: string; readonly hint: string }) =>
    custom<OneOrMore<T>>(
      (value, path, report) => readEach(value, path, report, accepts, details.hint),
      'one, or a list',
      undefined,
    )(details)
}

function readEach<T extends object>(
  value: unknown,
  path: string,
  report: Report,
  accepts: (value: unknown) => value is T,
  hint: string,
): OneOrMore<T> {
  if (accepts(value)) return value
  const isList = isIterable(value)
  const wrong = isList ? [...value].find((each) => !accepts(each)) : value
  if (isList && wrong === undefined) return value as Iterable<T>
  const message = `must be what can be observed, or a list of it, got ${show(wrong)}; ${hint}`
  report({ path, code: 'bad-option', message })
  return []
}

function isReceiver(value: unknown): value is Receiver {
  return has(value, 'counters')
}

function isMetered(value: unknown): value is Metered {
  return has(value, 'metrics') && Array.isArray(Reflect.get(value, 'metrics'))
}

function has(value: unknown, name: PropertyKey): value is object {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && name in value
}

function isIterable<T>(value: unknown): value is Iterable<T> {
  return has(value, Symbol.iterator)
}
