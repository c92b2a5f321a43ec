import { TruehopError } from '@truehop/ip'
import { isRecord } from '../policy/checks.js'

/** Formats of range lists that providers publish. */
export const RANGE_FORMATS = [
  'lines',
  'aws-ip-ranges',
  'cloudflare',
  'fastly',
  'google',
  'github',
  'spamhaus-drop',
] as const

export type RangesFormat = (typeof RANGE_FORMATS)[number]

/** Which entries of a list count, by field: `{ service: ['CLOUDFRONT'] }`. */
export type RangesSelect = Readonly<Record<string, readonly string[]>>

/** A list as read: entries in the order of the list, and what it calls its version. */
export interface RangesList {
  readonly entries: readonly string[]
  readonly version: string | undefined
}

/** A list that is not of its format. */
export class RangesFormatError extends TruehopError {
  override readonly name = 'RangesFormatError'
  readonly code = 'list-format'
}

/** Fields that a format can be selected by; those of `github` are the names of its lists. */
export const SELECTABLE: Readonly<Record<RangesFormat, readonly string[]>> = {
  lines: [],
  'aws-ip-ranges': ['service', 'region', 'network_border_group'],
  cloudflare: [],
  fastly: [],
  google: ['service', 'scope'],
  github: ['list'],
  'spamhaus-drop': [],
}

/**
 * The entries of a list. Does not check that they are prefixes.
 *
 * @throws {RangesFormatError} where the text is not of the format.
 */
export function readRanges(text: string, format: RangesFormat, select: RangesSelect): RangesList {
  if (format === 'lines' || (format === 'cloudflare' && !text.trimStart().startsWith('{'))) {
    return { entries: linesOf(text), version: undefined }
  }
  if (format === 'spamhaus-drop') return readSpamhaus(text)
  const document = parse(text)
  if (format === 'aws-ip-ranges') return readAws(document, select)
  if (format === 'cloudflare') return readCloudflare(document)
  if (format === 'fastly') {
    return { entries: strings(document, 'addresses', 'ipv6_addresses'), version: undefined }
  }
  return format === 'google' ? readGoogle(document, select) : readGithub(document, select)
}

/** One entry a line; what follows `#` or `;` is a comment. */
function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/[#;].*$/, '').trim())
    .filter((line) => line !== '')
}

/** DROP as JSON: a record a line, `{"cidr":"192.0.2.0/24","sblid":…}`, the last one about the list. */
function readSpamhaus(text: string): RangesList {
  const records = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(parse)
  const about = records.find((record) => record['type'] === 'metadata')
  // Without its last line it was cut off on the way.
  if (about === undefined) throw new RangesFormatError('has no metadata record at its end')
  return {
    entries: records.filter((record) => record !== about).map((record) => field(record, 'cidr')),
    version: optionalText(
      about['timestamp'] === undefined ? undefined : String(about['timestamp']),
    ),
  }
}

function parse(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new RangesFormatError('is no JSON')
  }
  if (isRecord(value)) return value
  throw new RangesFormatError('is no JSON object')
}

function readAws(document: Record<string, unknown>, select: RangesSelect): RangesList {
  const records = [...list(document, 'prefixes'), ...list(document, 'ipv6_prefixes')]
  return {
    entries: selected(records, select).map((record) => field(record, 'ip_prefix', 'ipv6_prefix')),
    version: optionalText(document['createDate'] ?? document['syncToken']),
  }
}

function readGoogle(document: Record<string, unknown>, select: RangesSelect): RangesList {
  return {
    entries: selected(list(document, 'prefixes'), select).map((record) =>
      field(record, 'ipv4Prefix', 'ipv6Prefix'),
    ),
    version: optionalText(document['creationTime'] ?? document['syncToken']),
  }
}

function readCloudflare(document: Record<string, unknown>): RangesList {
  const { result } = document
  if (!isRecord(result)) throw new RangesFormatError("has no 'result'")
  return {
    entries: strings(result, 'ipv4_cidrs', 'ipv6_cidrs'),
    version: optionalText(result['etag']),
  }
}

function readGithub(document: Record<string, unknown>, select: RangesSelect): RangesList {
  return { entries: strings(document, ...(select['list'] ?? [])), version: undefined }
}

function selected(
  records: readonly Record<string, unknown>[],
  select: RangesSelect,
): Record<string, unknown>[] {
  return records.filter((record) =>
    Object.entries(select).every(([key, values]) => values.includes(String(record[key]))),
  )
}

function list(document: Record<string, unknown>, key: string): Record<string, unknown>[] {
  const value = document[key]
  if (Array.isArray(value) && value.every(isRecord)) return value
  throw new RangesFormatError(`has no list of records '${key}'`)
}

function strings(document: Record<string, unknown>, ...keys: readonly string[]): string[] {
  return keys.flatMap((key) => {
    const value = document[key]
    if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value
    throw new RangesFormatError(`has no list of texts '${key}'`)
  })
}

function field(record: Record<string, unknown>, ...keys: readonly string[]): string {
  const value = keys.map((key) => record[key]).find((candidate) => candidate !== undefined)
  if (typeof value === 'string') return value
  throw new RangesFormatError(`has an entry without ${keys.join(' or ')}`)
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 128) : undefined
}
