import type { AddressPrivacy } from '../privacy/address-privacy.js'
import { printable } from '../privacy/printable.js'
import { type ClientFacts, clientFacts } from '../record/client-facts.js'
import type { DecisionNote, Exchange } from '../record/exchange.js'
import { requestTarget } from '../record/request-target.js'
import { defined, type Fields } from './fields.js'
import { tlvFields } from './tlv-fields.js'

/**
 * An access record under the names of the Elastic Common Schema 8, nested. `client` is the
 * identity, `source` the socket peer. `client.ip` and `source.ip` are of Elasticsearch's type `ip`:
 * they are left out if there is no address to show (undetermined, Unix socket, `hmac`);
 * `client.address` and `source.address` are always there. `event.duration` is in nanoseconds.
 */
export function ecsFields(exchange: Exchange, privacy: AddressPrivacy, query: boolean): Fields {
  const facts = clientFacts(exchange.identity, privacy)
  const { path, query: asked } = requestTarget(exchange.target)
  return defined({
    '@timestamp': new Date(exchange.startedAt + exchange.duration).toISOString(),
    ecs: { version: '8.11.0' },
    event: {
      kind: 'event',
      category: ['web'],
      type: ['access'],
      outcome: outcome(exchange),
      duration: Math.round(exchange.duration * 1e6),
      start: new Date(exchange.startedAt).toISOString(),
    },
    client: facts.client && party(facts.client, facts.clientPort, hasIp(facts)),
    source:
      facts.peer &&
      party(
        facts.peer,
        facts.peerPort,
        facts.hidden !== 'hmac' && facts.peer !== 'unix' && facts.peer !== 'event',
      ),
    http: defined({
      version: exchange.httpVersion === '2.0' ? '2' : exchange.httpVersion,
      request: defined({
        method: printable(exchange.method),
        id: optional(shownId(exchange.requestId ?? facts.tlvs?.uniqueId, privacy)),
        referrer: optional(exchange.referer),
      }),
      response: defined({ status_code: exchange.status, body: { bytes: exchange.bytes } }),
    }),
    url: defined({
      path: printable(path),
      query: query && asked !== undefined ? printable(asked) : undefined,
      scheme: printable(exchange.scheme),
    }),
    user_agent: exchange.userAgent && { original: printable(exchange.userAgent) },
    truehop: ecsTruehop(exchange, facts, privacy),
  })
}

function hasIp({ status, hidden }: ClientFacts): boolean {
  return status === 'resolved' && hidden !== 'hmac'
}

function party(address: string, port: number | undefined, isIp: boolean): Fields {
  return defined({ address, ip: isIp ? address : undefined, port })
}

function outcome({ aborted, status }: Exchange): 'success' | 'failure' | 'unknown' {
  if (aborted || status === undefined) return 'unknown'
  return status >= 400 ? 'failure' : 'success'
}

function ecsTruehop(exchange: Exchange, facts: ClientFacts, privacy: AddressPrivacy): Fields {
  const { status, source, reason, rule, hops, lastTrustedHop, hidden } = facts
  const headers = Object.entries(exchange.headers).map(([name, values]) => [
    name,
    values.map((value) => printable(privacy.redact(value))),
  ])
  return defined({
    identity: defined({
      status,
      source,
      reason,
      rule,
      hops,
      last_trusted_hop: lastTrustedHop,
      anomalies: exchange.anomalies.length > 0 ? exchange.anomalies : undefined,
    }),
    address: hidden,
    proxy_protocol: facts.tlvs && tlvFields(facts.tlvs),
    route: optional(exchange.route),
    aborted: exchange.aborted || undefined,
    headers: headers.length > 0 ? Object.fromEntries(headers) : undefined,
    ...Object.fromEntries(exchange.notes.map((note) => [note.by, noteFacts(note, privacy)])),
  })
}

function noteFacts({ facts }: DecisionNote, privacy: AddressPrivacy): Fields {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      typeof value === 'string' ? privacy.redact(value) : value,
    ]),
  )
}

/** Proxies make ids of what they know, which is the client's address. */
function shownId(id: string | undefined, privacy: AddressPrivacy): string | undefined {
  return id === undefined ? undefined : privacy.redact(id)
}

function optional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : printable(text)
}
