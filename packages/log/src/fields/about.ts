import type { Address } from '@truehop/ip'
import { printable } from '../privacy/printable.js'
import { defined, type Fields } from './fields.js'

/** What is known of a client beside its address; what is not known is undefined. */
export interface AboutClient {
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined
  /** The autonomous system, and who runs it. */
  readonly asn?: number | undefined
  readonly organization?: string | undefined
  /** A verified crawler is a `bot`. */
  readonly synthetic?: 'bot' | 'test' | undefined
  /** Its name. */
  readonly crawler?: string | undefined
}

/** Something that knows more of clients, such as `openGeo(…)` and `verifiedCrawlers(…)` of `@truehop/allowlist`. */
export interface ClientKnowledge {
  /** Answers at once. */
  facts(address: Address): AboutClient
}

/** What all of them know. One that throws knows nothing: a record must not be lost over it. */
export function aboutClient(sources: readonly ClientKnowledge[], address: Address): AboutClient {
  let known: AboutClient = {}
  for (const source of sources) {
    try {
      known = { ...known, ...defined({ ...source.facts(address) }) }
    } catch {}
  }
  return known
}

/**
 * Under the names of OpenTelemetry: `geo.*` below `client`, as its registry says, and
 * `user_agent.synthetic.type`, both in development there. It has no names for autonomous systems yet:
 * these are those of the Elastic Common Schema.
 */
export function aboutOtel({ country, asn, organization, synthetic, crawler }: AboutClient): Fields {
  return defined({
    'client.geo.country.iso_code': text(country),
    'client.as.number': asn,
    'client.as.organization.name': text(organization),
    'user_agent.synthetic.type': synthetic,
    'truehop.crawler': text(crawler),
  })
}

/** The record of the Elastic Common Schema with what is known in it. */
export function withAboutEcs(record: Fields, about: AboutClient): Fields {
  const { country, asn, organization, synthetic, crawler } = about
  const as = { number: asn, organization: text(organization) && { name: text(organization) } }
  return defined({
    ...record,
    client: nonEmpty({
      ...object(record['client']),
      geo: text(country) && { country_iso_code: text(country) },
      as: asn === undefined ? undefined : defined(as),
    }),
    user_agent:
      synthetic === undefined
        ? record['user_agent']
        : { ...object(record['user_agent']), synthetic: { type: synthetic } },
    truehop: defined({ ...object(record['truehop']), crawler: text(crawler) }),
  })
}

/** Undefined where nothing is known: addresses may be left out. */
function nonEmpty(fields: Fields): Fields | undefined {
  const known = defined(fields)
  return Object.keys(known).length === 0 ? undefined : known
}

function object(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

/** A database is from outside. */
function text(value: string | undefined): string | undefined {
  return value === undefined ? undefined : printable(value)
}
