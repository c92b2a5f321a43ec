import type { AddressPrivacy } from '../address-privacy.js'
import { type ClientFacts, clientFacts } from '../client-facts.js'
import type { Exchange } from '../exchange.js'
import { printable } from '../printable.js'
import { requestTarget } from '../request-target.js'
import { defined, type Fields } from './fields.js'

/** RFC 9110 section 9.3 and RFC 5789: others are `_OTHER`, or anybody could add values at will. */
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

/**
 * An access record under the names of the OpenTelemetry semantic conventions for HTTP server spans
 * (stable), flat. Beyond these: `http.server.request.duration`, the stable metric's name and unit
 * (seconds); `http.response.body.size`, which is still in development there; `truehop.*`.
 */
export function otelFields(exchange: Exchange, privacy: AddressPrivacy, query: boolean): Fields {
  const { path, query: asked } = requestTarget(exchange.target)
  const known = KNOWN_METHODS.has(exchange.method)
  return defined({
    'http.request.method': known ? exchange.method : '_OTHER',
    'http.request.method_original': known ? undefined : printable(exchange.method),
    'url.scheme': exchange.scheme,
    'url.path': printable(path),
    'url.query': query && asked !== undefined ? printable(asked) : undefined,
    'http.route': exchange.route,
    'http.response.status_code': exchange.status,
    'http.response.body.size': exchange.bytes,
    'http.server.request.duration': exchange.duration / 1000,
    'network.protocol.version': exchange.httpVersion === '2.0' ? '2' : exchange.httpVersion,
    'error.type': errorType(exchange),
    'user_agent.original': optional(exchange.userAgent),
    ...otelClient(clientFacts(exchange.identity, privacy)),
    'truehop.identity.anomalies': exchange.anomalies.length > 0 ? exchange.anomalies : undefined,
    'truehop.request.id': optional(exchange.requestId),
    ...headerFields(exchange, privacy),
    ...noteFields(exchange, privacy),
  })
}

/** The client's part of the record, for those who keep another logger. */
export function otelClient(facts: ClientFacts): Fields {
  return defined({
    'client.address': facts.client,
    'client.port': facts.clientPort,
    'network.peer.address': facts.peer,
    'network.peer.port': facts.peerPort,
    'truehop.identity.status': facts.status,
    'truehop.identity.source': facts.source,
    'truehop.identity.reason': facts.reason,
    'truehop.identity.rule': facts.rule,
    'truehop.identity.hops': facts.hops,
    'truehop.identity.last_trusted_hop': facts.lastTrustedHop,
    'truehop.address': facts.hidden,
  })
}

/** A status of 500 and up is an error of the server; one of the client is none. */
function errorType({ aborted, status }: Exchange): string | undefined {
  if (aborted) return 'aborted'
  return status !== undefined && status >= 500 ? String(status) : undefined
}

function headerFields(exchange: Exchange, privacy: AddressPrivacy): Fields {
  return Object.fromEntries(
    Object.entries(exchange.headers).map(([name, values]) => [
      `http.request.header.${name}`,
      values.map((value) => printable(privacy.redact(value))),
    ]),
  )
}

function noteFields(exchange: Exchange, privacy: AddressPrivacy): Fields {
  const fields: Record<string, unknown> = {}
  for (const { by, facts } of exchange.notes) {
    for (const [name, value] of Object.entries(facts)) {
      fields[`truehop.${by}.${name}`] = typeof value === 'string' ? privacy.redact(value) : value
    }
  }
  return fields
}

function optional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : printable(text)
}
