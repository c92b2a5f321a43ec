import type { AddressPrivacy } from '../privacy/address-privacy.js'
import { printable } from '../privacy/printable.js'
import { type ClientFacts, clientFacts } from '../record/client-facts.js'
import type { Exchange } from '../record/exchange.js'
import { remembering } from '../record/remembering.js'
import { requestTarget } from '../record/request-target.js'
import type { Fields } from './fields.js'
import { tlvFields } from './tlv-fields.js'

/**
 * RFC 9110 section 9.3 and RFC 5789: other methods are `_OTHER`, or any client could add values at
 * will.
 */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
])

export function isKnownMethod(method: string): boolean {
  return KNOWN_METHODS.has(method)
}

/**
 * An access record under the names of the OpenTelemetry semantic conventions for HTTP server spans
 * (stable), flat. In addition: `http.server.request.duration`, the stable metric's name and unit
 * (seconds, to the microsecond); `http.response.body.size`, which is still in development there;
 * `truehop.*`. What is undefined is left out: a name without a value says nothing and costs space.
 */
export function otelFields(exchange: Exchange, privacy: AddressPrivacy, query: boolean): Fields {
  const { path, query: asked } = requestTarget(exchange.target)
  const known = KNOWN_METHODS.has(exchange.method)
  // Names only known at run time come first, then the fixed names one after the other: in any other
  // order V8 turns the record into a hash table, which is slow to write out.
  const fields = noteFields(exchange, privacy)
  fields['http.request.method'] = known ? exchange.method : '_OTHER'
  if (!known) fields['http.request.method_original'] = printable(exchange.method)
  fields['url.scheme'] = printable(exchange.scheme)
  fields['url.path'] = printable(path)
  if (query && asked !== undefined) fields['url.query'] = printable(asked)
  if (exchange.route !== undefined) fields['http.route'] = printable(exchange.route)
  if (exchange.status !== undefined) fields['http.response.status_code'] = exchange.status
  fields['http.response.body.size'] = exchange.bytes
  fields['http.server.request.duration'] = Math.round(exchange.duration * 1000) / 1e6
  fields['network.protocol.version'] = exchange.httpVersion === '2.0' ? '2' : exchange.httpVersion
  const error = errorType(exchange)
  if (error !== undefined) fields['error.type'] = error
  const facts = clientFacts(exchange.identity, privacy)
  const { userAgent, anomalies } = exchange
  const requestId = exchange.requestId ?? facts.tlvs?.uniqueId
  if (userAgent !== undefined) fields['user_agent.original'] = printable(userAgent)
  addClient(fields, facts)
  if (anomalies.length > 0) fields['truehop.identity.anomalies'] = anomalies
  if (requestId !== undefined) fields['truehop.request.id'] = printable(privacy.redact(requestId))
  addHeaders(fields, exchange, privacy)
  return fields
}

/** The client's part of the record, for use with another logger. */
export function otelClient(facts: ClientFacts): Fields {
  const fields: Record<string, unknown> = {}
  addClient(fields, facts)
  return fields
}

function addClient(fields: Record<string, unknown>, facts: ClientFacts): void {
  const { clientPort, peer, peerPort, source, rule, hops, lastTrustedHop, hidden } = facts
  if (facts.client !== undefined) fields['client.address'] = facts.client
  if (clientPort !== undefined) fields['client.port'] = clientPort
  if (peer !== undefined) fields['network.peer.address'] = peer
  if (peerPort !== undefined) fields['network.peer.port'] = peerPort
  fields['truehop.identity.status'] = facts.status
  if (source !== undefined) fields['truehop.identity.source'] = source
  fields['truehop.identity.reason'] = facts.reason
  if (rule !== undefined) fields['truehop.identity.rule'] = rule
  if (hops !== undefined) fields['truehop.identity.hops'] = hops
  if (lastTrustedHop !== undefined) fields['truehop.identity.last_trusted_hop'] = lastTrustedHop
  if (hidden !== undefined) fields['truehop.address'] = hidden
  if (facts.tlvs !== undefined) Object.assign(fields, tlvFields(facts.tlvs, TLV_PREFIX))
}

const TLV_PREFIX = 'truehop.proxy_protocol.'

/** A status of 500 and up is a server error; 4xx is not. */
export function errorType({ aborted, status }: Exchange): string | undefined {
  if (aborted) return 'aborted'
  return status !== undefined && status >= 500 ? String(status) : undefined
}

const headerName = remembering((name) => `http.request.header.${name}`)

function addHeaders(
  fields: Record<string, unknown>,
  { headers }: Exchange,
  privacy: AddressPrivacy,
): void {
  for (const name in headers) {
    fields[headerName(name)] = headers[name]?.map((value) => printable(privacy.redact(value)))
  }
}

/** For each kind of decision, the names its facts have in a record. */
const factNames = new Map<string, (name: string) => string>()

function namesOf(by: string): (name: string) => string {
  const known = factNames.get(by)
  if (known !== undefined) return known
  const names = remembering((name) => `truehop.${by}.${name}`)
  factNames.set(by, names)
  return names
}

function noteFields({ notes }: Exchange, privacy: AddressPrivacy): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const { by, facts } of notes) {
    const nameOf = namesOf(by)
    for (const name in facts) {
      const value = facts[name]
      fields[nameOf(name)] = typeof value === 'string' ? privacy.redact(value) : value
    }
  }
  return fields
}
