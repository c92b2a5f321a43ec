import { type FieldsOf, integer, list, readOptions, text, type Values } from '@truehop/options'
import { refusal } from '../allowlist-error.js'

export interface GeoOptions {
  /** MaxMind DB files (`.mmdb`): of countries or cities, of autonomous systems, or both. */
  readonly files: readonly string[]
  /** Shown as the decision's `source`. Default `'geo'`. */
  readonly name?: string | undefined
  /** Seconds from one look at the files to the next, 1 to 86,400. Default 60. */
  readonly refresh?: number | undefined
}

/** What each option takes; the check, its message and the documentation come from here. */
export const GEO_OPTIONS = {
  files: list(text({ says: 'A path.' }), {
    says: 'MaxMind DB files (`.mmdb`): of countries or cities, of autonomous systems, or both.',
    least: 1,
    most: 8,
    required: true,
    hint: "write ['/var/lib/GeoIP/GeoLite2-Country.mmdb']",
  }),
  name: text({ says: 'Shown as `source` in decisions.', most: 64, default: 'geo' }),
  refresh: integer({
    says: 'From one look at the files to the next; a replaced file is read anew.',
    unit: 'seconds',
    least: 1,
    most: 86_400,
    default: 60,
  }),
} satisfies FieldsOf<GeoOptions>

/** @throws {AllowlistError} for anything that would have to be guessed. */
export function readGeoOptions(options: GeoOptions): Values<typeof GEO_OPTIONS> {
  return readOptions(GEO_OPTIONS, options, refusal, { says: '', hint: "write { files: ['…'] }" })
}
