import { isRecord } from '@truehop/options'
import {
  RANGE_FORMATS,
  type RangesFormat,
  RangesFormatError,
  type RangesSelect,
} from '../../src/ranges/formats.js'

/** A list as read: entries in the order of the list, and what it calls its version. */
export interface RangesList {
  readonly entries: readonly string[]
  readonly version: string | undefined
}

/** Formats that are one JSON document. */
export const DOCUMENTS: readonly RangesFormat[] = RANGE_FORMATS.filter(
  (format) => !['lines', 'akamai', 'spamhaus-drop'].includes(format),
)

/** A document read plainly: parsed whole, and then looked at. */
export function slowDocument(text: string, format: RangesFormat, select: RangesSelect): RangesList {
  const document = parse(text)
  if (format === 'json' || format === 'bunny') {
    return { entries: arrayOf(document), version: undefined }
  }
  if (!isRecord(document)) throw new RangesFormatError('is not a JSON object')
  return readDocument(document, format, select)
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RangesFormatError('is not JSON')
  }
}

function readAws(document: Record<string, unknown>, select: RangesSelect): RangesList {
  const records = [...list(document, 'prefixes'), ...list(document, 'ipv6_prefixes')]
  return {
    entries: selected(records, select).map((record) => field(record, 'ip_prefix', 'ipv6_prefix')),
    version: optionalText(document['createDate']) ?? optionalText(document['syncToken']),
  }
}

/** Service tags: the prefixes of those that `select` names, of all without it. */
function readAzure(document: Record<string, unknown>, select: RangesSelect): RangesList {
  const entries = selected(list(document, 'values'), select).flatMap((tag) => {
    const { properties } = tag
    if (!isRecord(properties)) throw new RangesFormatError("has a tag without 'properties'")
    return strings(properties, 'addressPrefixes')
  })
  const { changeNumber } = document
  return { entries, version: typeof changeNumber === 'number' ? String(changeNumber) : undefined }
}

function readOracle(document: Record<string, unknown>, select: RangesSelect): RangesList {
  return {
    entries: selected(list(document, 'regions'), select).flatMap((region) =>
      list(region, 'cidrs').map((record) => field(record, 'cidr')),
    ),
    version: optionalText(document['last_updated_timestamp']),
  }
}

function arrayOf(value: unknown): string[] {
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value
  throw new RangesFormatError('is not an array of strings')
}

function readGoogle(document: Record<string, unknown>, select: RangesSelect): RangesList {
  return {
    entries: selected(list(document, 'prefixes'), select).map((record) =>
      field(record, 'ipv4Prefix', 'ipv6Prefix'),
    ),
    version: optionalText(document['creationTime']) ?? optionalText(document['syncToken']),
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
  throw new RangesFormatError(`has no array of objects '${key}'`)
}

function strings(document: Record<string, unknown>, ...keys: readonly string[]): string[] {
  return keys.flatMap((key) => {
    const value = document[key]
    if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value
    throw new RangesFormatError(`has no array of strings '${key}'`)
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
