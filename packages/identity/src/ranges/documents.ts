import { isRecord } from '@truehop/options'
import type { RangesFormat, RangesSelect } from './format-names.js'
import { list, record, type Shape, value } from './json-shape.js'
import { RangesFormatError } from './lines.js'
import { SelectedGroup } from './selected-group.js'

/** How a published document is read. */
export interface DocumentReader {
  readonly shape: Shape
  /** What it calls its version, once it has been read. */
  version(): string | undefined
}

/** Formats that are one JSON document. */
export type DocumentFormat = Exclude<RangesFormat, 'lines' | 'akamai' | 'spamhaus-drop'>

type Take = (entry: string) => void

const NO_OBJECT = 'is not a JSON object'

/** Passes the entries of a document to `take`, in order. */
export function documentReader(
  format: DocumentFormat,
  select: RangesSelect,
  take: Take,
): DocumentReader {
  return READERS[format](select, take)
}

const READERS: Readonly<
  Record<DocumentFormat, (select: RangesSelect, take: Take) => DocumentReader>
> = {
  json: readArray,
  bunny: readArray,
  'aws-ip-ranges': readAws,
  cloudflare: readCloudflare,
  fastly: readFastly,
  google: readGoogle,
  github: readGithub,
  'azure-service-tags': readAzure,
  oracle: readOracle,
}

/** A plain array of prefixes or addresses. */
function readArray(_: RangesSelect, take: Take): DocumentReader {
  return { shape: texts('is not an array of strings', take), version: () => undefined }
}

function readAws(select: RangesSelect, take: Take): DocumentReader {
  const [date, token] = [new Version(), new Version()]
  const entry = (found: Record<string, unknown>) => take(field(found, 'ip_prefix', 'ipv6_prefix'))
  const fields = {
    createDate: date.shape,
    syncToken: token.shape,
    prefixes: selected('prefixes', select, entry),
    ipv6_prefixes: selected('ipv6_prefixes', select, entry),
  }
  return { shape: record(NO_OBJECT, fields), version: () => date.or(token) }
}

function readCloudflare(_: RangesSelect, take: Take): DocumentReader {
  const etag = new Version()
  const fields = {
    etag: etag.shape,
    ipv4_cidrs: textsOf('ipv4_cidrs', take),
    ipv6_cidrs: textsOf('ipv6_cidrs', take),
  }
  const result = record("has no 'result'", fields)
  return { shape: record(NO_OBJECT, { result }), version: () => etag.text }
}

function readFastly(_: RangesSelect, take: Take): DocumentReader {
  const fields = {
    addresses: textsOf('addresses', take),
    ipv6_addresses: textsOf('ipv6_addresses', take),
  }
  return { shape: record(NO_OBJECT, fields), version: () => undefined }
}

function readGoogle(select: RangesSelect, take: Take): DocumentReader {
  const [time, token] = [new Version(), new Version()]
  const entry = (found: Record<string, unknown>) => take(field(found, 'ipv4Prefix', 'ipv6Prefix'))
  const fields = {
    creationTime: time.shape,
    syncToken: token.shape,
    prefixes: selected('prefixes', select, entry),
  }
  return { shape: record(NO_OBJECT, fields), version: () => time.or(token) }
}

/** The lists that `select` names. */
function readGithub({ list: names = [] }: RangesSelect, take: Take): DocumentReader {
  const fields = Object.fromEntries(names.map((name) => [name, textsOf(name, take)]))
  return { shape: record(NO_OBJECT, fields), version: () => undefined }
}

/** Service tags: the prefixes of those that `select` names, or of all without it. */
function readAzure(select: RangesSelect, take: Take): DocumentReader {
  const change = new Version('number')
  const tag = new SelectedGroup(select, take)
  const properties = record("has a tag without 'properties'", {
    addressPrefixes: textsOf('addressPrefixes', (entry) => tag.add(entry)),
  })
  const values = list(
    noRecords('values'),
    record(noRecords('values'), { ...tag.fields, properties }, () => tag.end()),
  )
  return {
    shape: record(NO_OBJECT, { changeNumber: change.shape, values }),
    version: () => change.text,
  }
}

function readOracle(select: RangesSelect, take: Take): DocumentReader {
  const updated = new Version()
  const region = new SelectedGroup(select, take)
  const cidrs = records('cidrs', (found) => region.add(field(found, 'cidr')))
  const regions = list(
    noRecords('regions'),
    record(noRecords('regions'), { ...region.fields, cidrs }, () => region.end()),
  )
  return {
    shape: record(NO_OBJECT, { last_updated_timestamp: updated.shape, regions }),
    version: () => updated.text,
  }
}

/** A field that says which version a document is: a string, or in some a number. */
class Version {
  text: string | undefined
  readonly shape: Shape

  constructor(type: 'string' | 'number' = 'string') {
    this.shape = value((found) => {
      if (typeof found === type) this.text = versionText(String(found))
    })
  }

  /** The text of another field if the document has no such field. */
  or({ text }: Version): string | undefined {
    return this.text ?? text
  }
}

/** 128 characters are enough to tell versions apart. */
export function versionText(found: string): string {
  return found.slice(0, 128)
}

function textsOf(name: string, take: Take): Shape {
  return texts(`has no array of strings '${name}'`, take)
}

function texts(absent: string, take: Take): Shape {
  const text = value((found) => {
    if (typeof found !== 'string') throw new RangesFormatError(absent)
    take(found)
  })
  return list(absent, text)
}

function noRecords(name: string): string {
  return `has no array of objects '${name}'`
}

function records(name: string, take: (found: Record<string, unknown>) => void): Shape {
  const whole = value((found) => {
    if (!isRecord(found)) throw new RangesFormatError(noRecords(name))
    take(found)
  })
  return list(noRecords(name), whole)
}

/** The records whose fields are what `select` says. */
function selected(
  name: string,
  select: RangesSelect,
  take: (found: Record<string, unknown>) => void,
): Shape {
  const wanted = Object.entries(select)
  return records(name, (found) => {
    if (wanted.every(([key, values]) => values.includes(String(found[key])))) take(found)
  })
}

export function field(found: Record<string, unknown>, ...keys: readonly string[]): string {
  const entry = keys.map((key) => found[key]).find((candidate) => candidate !== undefined)
  if (typeof entry === 'string') return entry
  throw new RangesFormatError(`has an entry without ${keys.join(' or ')}`)
}
