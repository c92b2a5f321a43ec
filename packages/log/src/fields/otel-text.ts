import type { AddressPrivacy } from '../privacy/address-privacy.js'
import { printable } from '../privacy/printable.js'
import { type ClientFacts, clientFacts } from '../record/client-facts.js'
import type { Exchange } from '../record/exchange.js'
import { remembering } from '../record/remembering.js'
import { requestTarget } from '../record/request-target.js'
import { errorType, isKnownMethod } from './otel.js'
import { tlvFields } from './tlv-fields.js'

/**
 * The record of `otelFields` as the text it has in a line, each member with a comma before it:
 *
 *     exchange ── otelFields ──> object ── pino: serializers, redaction, JSON ──> line
 *         └────── otelText ──────────────────────────────────────────> line
 *
 * A logger that changes no field writes the same either way, and this way saves the object and the
 * second look at each of its values. That both are the same is held by a property test.
 */
export function otelText(exchange: Exchange, privacy: AddressPrivacy, query: boolean): string {
  const { path, query: asked } = requestTarget(exchange.target)
  const { method, route, status, userAgent, anomalies } = exchange
  const known = isKnownMethod(method)
  let text = notesText(exchange, privacy)
  text += `,"http.request.method":"${known ? method : '_OTHER'}"`
  if (!known) text += `,"http.request.method_original":${quoted(method)}`
  text += `,"url.scheme":${quoted(exchange.scheme)},"url.path":${quoted(path)}`
  if (query && asked !== undefined) text += `,"url.query":${quoted(asked)}`
  if (route !== undefined) text += `,"http.route":${quoted(route)}`
  if (status !== undefined) text += `,"http.response.status_code":${status}`
  text += `,"http.response.body.size":${exchange.bytes}`
  text += `,"http.server.request.duration":${Math.round(exchange.duration * 1000) / 1e6}`
  text += `,"network.protocol.version":${exchange.httpVersion === '2.0' ? '"2"' : quoted(exchange.httpVersion)}`
  const error = errorType(exchange)
  if (error !== undefined) text += `,"error.type":"${error}"`
  const facts = clientFacts(exchange.identity, privacy)
  const requestId = exchange.requestId ?? facts.tlvs?.uniqueId
  if (userAgent !== undefined) text += `,"user_agent.original":${quoted(userAgent)}`
  text += clientText(facts)
  if (anomalies.length > 0) text += `,"truehop.identity.anomalies":${JSON.stringify(anomalies)}`
  if (requestId !== undefined) text += `,"truehop.request.id":${quoted(privacy.redact(requestId))}`
  return text + headersText(exchange, privacy)
}

/** Plain members of a record as the text they have in a line. */
export function membersText(fields: Readonly<Record<string, unknown>>): string {
  let text = ''
  for (const name in fields) text += `${member(name)}${JSON.stringify(fields[name])}`
  return text
}

function clientText(facts: ClientFacts): string {
  const { client, clientPort, peer, peerPort, source, rule, hops, lastTrustedHop } = facts
  const { hidden, tlvs } = facts
  let text = client === undefined ? '' : `,"client.address":${json(client)}`
  if (clientPort !== undefined) text += `,"client.port":${clientPort}`
  if (peer !== undefined) text += `,"network.peer.address":${json(peer)}`
  if (peerPort !== undefined) text += `,"network.peer.port":${peerPort}`
  text += `,"truehop.identity.status":"${facts.status}"`
  if (source !== undefined) text += `,"truehop.identity.source":${json(source)}`
  text += `,"truehop.identity.reason":${json(facts.reason)}`
  if (rule !== undefined) text += `,"truehop.identity.rule":${json(rule)}`
  if (hops !== undefined) text += `,"truehop.identity.hops":${hops}`
  if (lastTrustedHop !== undefined) {
    text += `,"truehop.identity.last_trusted_hop":${json(lastTrustedHop)}`
  }
  if (hidden !== undefined) text += `,"truehop.address":"${hidden}"`
  return tlvs === undefined ? text : text + membersText(tlvFields(tlvs, 'truehop.proxy_protocol.'))
}

function headersText({ headers }: Exchange, privacy: AddressPrivacy): string {
  let text = ''
  for (const name in headers) {
    const values = headers[name]?.map((value) => printable(privacy.redact(value)))
    text += `${member(`http.request.header.${name}`)}${JSON.stringify(values)}`
  }
  return text
}

function notesText({ notes }: Exchange, privacy: AddressPrivacy): string {
  let text = ''
  for (const { by, facts } of notes) {
    for (const name in facts) {
      const value = facts[name]
      const shown = typeof value === 'string' ? json(privacy.redact(value)) : JSON.stringify(value)
      text += `${noteMember(by, name)}${shown}`
    }
  }
  return text
}

/** For each kind of decision, how the members begin that it has in a record. */
const noteMembers = new Map<string, (name: string) => string>()

function noteMember(by: string, name: string): string {
  const known = noteMembers.get(by)
  if (known !== undefined) return known(name)
  const members = remembering((fact) => member(`truehop.${by}.${fact}`))
  noteMembers.set(by, members)
  return members(name)
}

const member = remembering((name) => `,${JSON.stringify(name)}:`)

/** A string from outside, made printable, as JSON. */
function quoted(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(printable(text))
}

/** A string of our own or of the configuration, as JSON. */
function json(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text)
}

/** Characters. A longer string is not looked through: it may have to be cut. */
const MOST_PLAIN = 256

/** Printable ASCII that JSON writes as it is: true of almost every string. */
function isPlain(text: string): boolean {
  if (text.length > MOST_PLAIN) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return false
  }
  return true
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
