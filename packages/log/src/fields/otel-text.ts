import type { AddressPrivacy } from '../privacy/address-privacy.js'
import { printable } from '../privacy/printable.js'
import { type ClientFacts, clientFacts } from '../record/client-facts.js'
import { type Exchange, NO_HEADERS, PASSED } from '../record/exchange.js'
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
  let text = notesText(exchange, privacy)
  if (isKnownMethod(method)) text += methodMember(method)
  else text += `${methodMember('_OTHER')},"http.request.method_original":"${inside(method)}"`
  text += `${schemeText(exchange.scheme)},"url.path":"${inside(path)}"`
  if (query && asked !== undefined) text += `,"url.query":"${inside(asked)}"`
  if (route !== undefined) text += routeMember(route)
  if (status !== undefined) text += `,"http.response.status_code":${status}`
  text += `,"http.response.body.size":${exchange.bytes},"http.server.request.duration":${Math.round(exchange.duration * 1000) / 1e6}`
  text += versionMember(exchange.httpVersion)
  const error = errorType(exchange)
  if (error !== undefined) text += `,"error.type":"${error}"`
  const facts = clientFacts(exchange.identity, privacy)
  const requestId = exchange.requestId ?? facts.tlvs?.uniqueId
  if (userAgent !== undefined) text += `,"user_agent.original":"${inside(userAgent)}"`
  text += clientText(facts)
  if (anomalies.length > 0) text += `,"truehop.identity.anomalies":${JSON.stringify(anomalies)}`
  if (requestId !== undefined)
    text += `,"truehop.request.id":"${inside(privacy.redact(requestId))}"`
  return exchange.headers === NO_HEADERS ? text : text + headersText(exchange, privacy)
}

// Members with the few values that most records have. Every piece that a line is put together from
// is an object to V8: fewer and longer ones are less to allocate and to copy.
const methodMember = remembering((method) => `,"http.request.method":"${method}"`)
const routeMember = remembering((route) => `,"http.route":"${inside(route)}"`)
const versionMember = remembering(
  (version) => `,"network.protocol.version":"${version === '2.0' ? '2' : inside(version)}"`,
)

/** A framework that trusts a header for it may give what a client wrote: nothing is remembered. */
function schemeText(scheme: string): string {
  return scheme === 'http' ? ',"url.scheme":"http"' : `,"url.scheme":"${inside(scheme)}"`
}

/** Plain members of a record as the text they have in a line. */
export function membersText(fields: Readonly<Record<string, unknown>>): string {
  let text = ''
  for (const name in fields) text += `${member(name)}${JSON.stringify(fields[name])}`
  return text
}

function clientText(facts: ClientFacts): string {
  const { client, clientPort, peer, peerPort, lastTrustedHop, hidden, tlvs } = facts
  let text = client === undefined ? '' : `,"client.address":${json(client)}`
  if (clientPort !== undefined) text += `,"client.port":${clientPort}`
  if (peer !== undefined) text += `,"network.peer.address":${json(peer)}`
  if (peerPort !== undefined) text += `,"network.peer.port":${peerPort}`
  text += wayText(facts)
  if (lastTrustedHop !== undefined) {
    text += `,"truehop.identity.last_trusted_hop":${json(lastTrustedHop)}`
  }
  if (hidden !== undefined) text += `,"truehop.address":"${hidden}"`
  return tlvs === undefined ? text : text + membersText(tlvFields(tlvs, 'truehop.proxy_protocol.'))
}

/** How a client was found, and the text of that. */
interface Way extends Pick<ClientFacts, 'status' | 'source' | 'reason' | 'rule' | 'hops'> {
  readonly text: string
}

/** The ways that clients of this process were found. A policy has a handful; more are not kept. */
const ways: Way[] = []
const MAX_WAYS = 16

function wayText({ status, source, reason, rule, hops }: ClientFacts): string {
  for (const way of ways) {
    const isSame = way.hops === hops && way.reason === reason && way.status === status
    if (isSame && way.source === source && way.rule === rule) return way.text
  }
  let text = `,"truehop.identity.status":"${status}"`
  if (source !== undefined) text += `,"truehop.identity.source":${json(source)}`
  text += `,"truehop.identity.reason":${json(reason)}`
  if (rule !== undefined) text += `,"truehop.identity.rule":${json(rule)}`
  if (hops !== undefined) text += `,"truehop.identity.hops":${hops}`
  if (ways.length < MAX_WAYS) ways.push({ status, source, reason, rule, hops, text })
  return text
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
    if (facts === PASSED) {
      text += passedMember(by)
      continue
    }
    for (const name in facts) {
      const value = facts[name]
      const shown = typeof value === 'string' ? json(privacy.redact(value)) : JSON.stringify(value)
      text += `${noteMember(by, name)}${shown}`
    }
  }
  return text
}

const passedMember = remembering((by) => `,"truehop.${by}.allowed":true`)

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

/** A string from outside, made printable, as it is between the quotes of JSON. */
function inside(text: string): string {
  return isPlain(text) ? text : JSON.stringify(printable(text)).slice(1, -1)
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
