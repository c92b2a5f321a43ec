import { isRecord } from '@truehop/options'

/** What a database says about an address; what it does not say is undefined. */
export interface GeoFacts {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country?: string | undefined
  /** The autonomous system. */
  readonly asn?: number | undefined
  /** Who runs it. */
  readonly organization?: string | undefined
}

/** Characters of a name that are kept. */
const LONGEST = 128

/**
 * The record of an address, as MaxMind, DB-IP and IPinfo write it. The country is where the address is
 * used, not where its holder is registered.
 */
export function readFacts(record: unknown): GeoFacts {
  if (!isRecord(record)) return {}
  const { country, country_code: code, autonomous_system_number: number, asn } = record
  const organization = record['autonomous_system_organization'] ?? record['as_name']
  return {
    country: countryOf(isRecord(country) ? country['iso_code'] : (code ?? country)),
    asn: asnOf(number ?? asn),
    organization: typeof organization === 'string' ? organization.slice(0, LONGEST) : undefined,
  }
}

function countryOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z]{2}$/.test(value) ? value.toUpperCase() : undefined
}

/** 64500, or `AS64500`. */
function asnOf(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value.replace(/^AS/i, '')) : value
  return isAsn(number) ? number : undefined
}

/** RFC 6793: four bytes; 0 is nobody's (RFC 7607). */
export function isAsn(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 2 ** 32
}

/** What is known of two, first the one that is known first. */
export function together(a: GeoFacts, b: GeoFacts): GeoFacts {
  return {
    country: a.country ?? b.country,
    asn: a.asn ?? b.asn,
    organization: a.organization ?? b.organization,
  }
}
