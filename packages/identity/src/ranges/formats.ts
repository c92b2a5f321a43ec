import type { Slices } from '@truehop/ip/internal'
import { isRecord } from '@truehop/options'
import { MAX_ENTRIES, RangesFormatError, rangesLines } from './lines.js'

export { RangesFormatError } from './lines.js'

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

/** A list as read: entries in the order of the list, and what it calls its version. */
export interface RangesList {
  readonly entries: readonly string[]
  readonly version: string | undefined
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
  'azure-service-tags': ['name'],
  oracle: ['region'],
  bunny: [],
  akamai: [],
  json: [],
}

/** Characters of a document that is parsed in one go: some ten times the largest one published. */
const MAX_DOCUMENT = 4 * 1024 * 1024

/**
 * The entries of a list, in slices. Does not check that they are prefixes. No more is read of a list
 * than may be in it, whatever its length.
 *
 * @throws {RangesFormatError} where the text is not of the format.
 */
export function* readRanges(
  text: string,
  format: RangesFormat,
  select: RangesSelect,
): Slices<RangesList> {
  if (isLines(text, format)) return { entries: yield* readLines(text), version: undefined }
  if (format === 'spamhaus-drop') return yield* readSpamhaus(text)
  if (text.length > MAX_DOCUMENT) {
    throw new RangesFormatError(`is a document of over ${MAX_DOCUMENT} characters`)
  }
  const isArray = format === 'json' || format === 'bunny'
  const list = isArray
    ? { entries: arrayOf(text), version: undefined }
    : readDocument(parse(text), format, select)
  if (list.entries.length > MAX_ENTRIES) throw tooMany()
  return list
}

function readDocument(
  document: Record<string, unknown>,
  format: RangesFormat,
  select: RangesSelect,
): RangesList {
  if (format === 'aws-ip-ranges') return readAws(document, select)
  if (format === 'cloudflare') return readCloudflare(document)
  if (format === 'fastly') {
    return { entries: strings(document, 'addresses', 'ipv6_addresses'), version: undefined }
  }
  if (format === 'azure-service-tags') return readAzure(document, select)
  if (format === 'oracle') return readOracle(document, select)
  return format === 'google' ? readGoogle(document, select) : readGithub(document, select)
}

/** Akamai publishes text, Cloudflare and bunny.net either text or JSON. */
function isLines(text: string, format: RangesFormat): boolean {
  if (format === 'lines' || format === 'akamai') return true
  const isJson = /^\s*[[{]/.test(text.slice(0, 1024))
  return (format === 'cloudflare' || format === 'bunny') && !isJson
}

/** One entry a line; what follows `#` or `;` is a comment. */
function* readLines(text: string): Slices<string[]> {
  const entries: string[] = []
  yield* rangesLines(text, (line) => {
    const comment = line.search(/[#;]/)
    const entry = (comment === -1 ? line : line.slice(0, comment)).trim()
    if (entry === '') return
    if (entries.push(entry) > MAX_ENTRIES) throw tooMany()
  })
  return entries
}

/** DROP as JSON: a record a line, `{"cidr":"192.0.2.0/24","sblid":…}`, the last one about the list. */
function* readSpamhaus(text: string): Slices<RangesList> {
  const entries: string[] = []
  let about: Record<string, unknown> | undefined
  yield* rangesLines(text, (line) => {
    if (line.trim() === '') return
    const record = parse(line)
    if (record['type'] === 'metadata' && about === undefined) about = record
    else if (entries.push(field(record, 'cidr')) > MAX_ENTRIES) throw tooMany()
  })
  // Without its last line it was cut off on the way.
  if (about === undefined) throw new RangesFormatError('has no metadata record at its end')
  const { timestamp } = about
  return { entries, version: timestamp === undefined ? undefined : optionalText(String(timestamp)) }
}

function tooMany(): RangesFormatError {
  return new RangesFormatError(`has over ${MAX_ENTRIES} entries`)
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

/** Service tags: the prefixes of those that `select` names, of all without it. */
function readAzure(document: Record<string, unknown>, select: RangesSelect): RangesList {
  const entries = selected(list(document, 'values'), select).flatMap((tag) => {
    const { properties } = tag
    if (!isRecord(properties)) throw new RangesFormatError("has a tag without 'properties'")
    return strings(properties, 'addressPrefixes')
  })
  return { entries, version: optionalText(String(document['changeNumber'])) }
}

function readOracle(document: Record<string, unknown>, select: RangesSelect): RangesList {
  return {
    entries: selected(list(document, 'regions'), select).flatMap((region) =>
      list(region, 'cidrs').map((record) => field(record, 'cidr')),
    ),
    version: optionalText(document['last_updated_timestamp']),
  }
}

/** A plain JSON array of prefixes or addresses. */
function arrayOf(text: string): string[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new RangesFormatError('is no JSON')
  }
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value
  throw new RangesFormatError('is no array of strings')
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
