import type { AddressPrivacy } from '../privacy/address-privacy.js'

/** Pino's published symbol (`pino.symbols.serializersSym`) for the serializers of a logger. */
const SERIALIZERS = Symbol.for('pino.serializers')

/** Header names whose dotted numbers are versions, not addresses. */
const VERSIONED = /^(user-agent|sec-ch-ua.*)$/i

/** The names under which lines about a connection or an identity have addresses, besides `req`. */
const ADDRESS_FIELDS = ['peer', 'lastTrustedHop', 'entry', 'client', 'clientIp'] as const

/**
 * Fields of a refused connection that reveal more than the hidden address: its port, and the first
 * bytes, in which a PROXY header names the client. Lines are written without them.
 */
const REVEALING_FIELDS = ['peerPort', 'firstBytes'] as const

/** How deep a serialized request is searched; anything deeper is left out. */
const MAX_DEPTH = 6

/**
 * Makes every line that a pino logger writes about a request show addresses in the form of
 * `privacy`: whatever its `req` serializer gives, addresses in its strings are replaced, and those
 * in fields that name a party; REVEALING_FIELDS are left out. Messages stay as they are. Does nothing
 * for `'full'`, and nothing for loggers other than pino.
 */
export function hideAddresses(logger: object, privacy: AddressPrivacy): void {
  if (privacy.form === 'full') return
  const serializers: unknown = Reflect.get(logger, SERIALIZERS)
  if (typeof serializers !== 'object' || serializers === null) return
  for (const name of ['req', ...ADDRESS_FIELDS]) {
    const serialize: unknown = Reflect.get(serializers, name)
    Reflect.set(serializers, name, (value: unknown) => {
      const shown: unknown =
        typeof serialize === 'function' ? Reflect.apply(serialize, undefined, [value]) : value
      return hiddenIn(shown, privacy)
    })
  }
  for (const name of REVEALING_FIELDS) Reflect.set(serializers, name, () => undefined)
}

/** A serialized value with every address in its strings replaced, and without ports of clients. */
function hiddenIn(value: unknown, privacy: AddressPrivacy, depth = MAX_DEPTH): unknown {
  if (typeof value === 'string') return privacy.redact(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return undefined
  if (Array.isArray(value)) return value.map((each) => hiddenIn(each, privacy, depth - 1))
  const kept: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    if (name === 'remotePort') continue
    kept[name] = VERSIONED.test(name) ? member : hiddenIn(member, privacy, depth - 1)
  }
  return kept
}
