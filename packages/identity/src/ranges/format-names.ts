/** Formats of range lists that providers publish. */
export const RANGE_FORMATS = [
  'lines',
  'aws-ip-ranges',
  'cloudflare',
  'fastly',
  'google',
  'github',
  'spamhaus-drop',
  'azure-service-tags',
  'oracle',
  'bunny',
  'akamai',
  'json',
] as const

export type RangesFormat = (typeof RANGE_FORMATS)[number]

/** Which entries of a list count, by field: `{ service: ['CLOUDFRONT'] }`. */
export type RangesSelect = Readonly<Record<string, readonly string[]>>

/**
 * Fields by which entries of a format can be selected; those of `github` are the names of its
 * lists.
 */
export const SELECTABLE: Readonly<Record<RangesFormat, readonly string[]>> = {
  lines: [],
  'aws-ip-ranges': ['service', 'region', 'network_border_group'],
  cloudflare: [],
  fastly: [],
  google: ['service', 'scope'],
  github: ['list'],
  'spamhaus-drop': [],
  'azure-service-tags': ['name'],
  oracle: ['region'],
  bunny: [],
  akamai: [],
  json: [],
}

/** The fields by which entries could be selected, if none was. */
export function leftToSelect(format: RangesFormat, select: RangesSelect): readonly string[] {
  return Object.keys(select).length > 0 ? [] : SELECTABLE[format]
}
