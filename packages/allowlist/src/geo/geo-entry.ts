import { isRecord, show } from '@truehop/options'
import { AllowlistError } from '../allowlist-error.js'
import type { LiveSource } from '../live-source.js'
import type { Geo } from './geo.js'

/** An entry of a list: the clients of a country or of an autonomous system. Needs `geo`. */
export type GeoEntry =
  | { /** ISO 3166-1 alpha-2: `'DE'`. */ readonly country: string; readonly asn?: undefined }
  | { /** 1 to 4294967295. */ readonly asn: number; readonly country?: undefined }

export function isGeoEntry(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && ('country' in value || 'asn' in value) && !('has' in value)
}

/** @throws {AllowlistError} for an entry that no database could answer. */
export function geoSource(
  entry: Readonly<Record<string, unknown>>,
  geo: Geo | undefined,
  path: string,
): LiveSource {
  const { country, asn, ...others } = entry
  const [other] = Object.keys(others)
  if (other !== undefined || (country !== undefined && asn !== undefined)) {
    throw new AllowlistError(
      'bad-entry',
      path,
      `must have country or asn and nothing else, got ${show(Object.keys(entry).join(', '))}; write { country: 'DE' } or { asn: 64500 }, each as a separate entry`,
    )
  }
  if (geo === undefined) {
    throw new AllowlistError(
      'bad-entry',
      path,
      "needs databases to look clients up in; write geo: await openGeo({ files: ['…/GeoLite2-Country.mmdb'] })",
    )
  }
  return country === undefined ? geo.asn(asn, path) : geo.country(country, path)
}
