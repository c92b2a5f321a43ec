import type { Evidence, HeaderFields } from '@truehop/identity'
import { decode, type ProxyHeader } from '@truehop/proxy-protocol'
import { headerFields } from './header-fields.js'

type LogRecord = Readonly<Record<string, unknown>>

/** Where logs keep the socket peer: truehop and OpenTelemetry, ECS, nginx, pino-http, Caddy. */
const PEERS = [
  'peer',
  'network.peer.address',
  'source.ip',
  'source.address',
  'remote_addr',
  'remoteAddress',
  'req.remoteAddress',
  'request.remote_ip',
  'request.remote_addr',
]

const HEADERS = [
  'headers',
  'req.headers',
  'request.headers',
  'http.request.headers',
  'truehop.headers',
]

/** Prefixes of fields that contain one header each: OpenTelemetry, nginx. */
const HEADER_FIELDS: readonly (readonly [string, (rest: string) => string])[] = [
  ['http.request.header.', (name) => name],
  ['http_', (name) => name.replaceAll('_', '-')],
]

/**
 * The evidence in one record of an access log. What the record does not contain comes from
 * `otherwise`; a log has no PROXY headers, while evidence as `resolve` takes it has all that there
 * were. For a record that cannot be read, a string that says why.
 */
export function recordEvidence(value: unknown, otherwise: Evidence): Evidence | string {
  if (!isRecord(value)) return 'is not a JSON object'
  if (typeof at(value, 'truehop.address') === 'string') return MASKED
  const wrong = wrongType(value)
  if (wrong !== undefined) return wrong
  const peer = textOf(firstOf(value, PEERS)) ?? otherwise.peer
  if (peer === undefined) return 'has no socket peer; give one with --peer'
  const proxy = proxyHeadersOf(value)
  if (typeof proxy === 'string') return proxy
  return {
    ...otherwise,
    peer: withoutPort(peer),
    headers: { ...otherwise.headers, ...headersOf(value) },
    proxyHeaders: proxy ?? otherwise.proxyHeaders ?? ('peer' in value ? [] : undefined),
  }
}

const MASKED =
  'contains addresses that were masked when it was written, so its client cannot be determined'

/** Names a field whose type says nothing: it is not missing, it cannot be read. */
function wrongType(record: LogRecord): string | undefined {
  const peer = firstOf(record, PEERS)
  if (peer !== undefined && peer !== null && typeof peer !== 'string') {
    return `has a socket peer that must be a string, got ${typeof peer}`
  }
  const headers = firstOf(record, HEADERS)
  if (headers !== undefined && typeof headers !== 'object') {
    return `has headers that must be an object, got ${typeof headers}`
  }
  const lines: [string, unknown][] = isRecord(headers) ? Object.entries(headers) : []
  const wrong = lines.find(([, text]) => !isHeaderValue(text))
  return wrong && `has a header ${wrong[0]} that must be a string, got ${typeof wrong[1]}`
}

function isHeaderValue(value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'string') return true
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

/**
 * Whether a record has a place for headers, empty or not, or PROXY headers. A record with a `peer`
 * is evidence as `resolve` takes it, not a logger's record: it has everything there was.
 */
export function holdsHeaders(value: unknown): boolean {
  if (!isRecord(value)) return false
  const isSingle = (name: string) => HEADER_FIELDS.some(([prefix]) => name.startsWith(prefix))
  return (
    HEADERS.some((path) => at(value, path) !== undefined) ||
    'proxy' in value ||
    'peer' in value ||
    Object.keys(value).some(isSingle)
  )
}

/** A path of names, or one name with dots in it. */
function at(record: LogRecord, path: string): unknown {
  if (path in record) return record[path]
  const [first = '', ...rest] = path.split('.')
  const inner = record[first]
  return rest.length > 0 && isRecord(inner) ? at(inner, rest.join('.')) : undefined
}

function firstOf(record: LogRecord, paths: readonly string[]): unknown {
  return paths.map((path) => at(record, path)).find((value) => value !== undefined && value !== '')
}

function headersOf(record: LogRecord): HeaderFields {
  const lines = [...headerLinesOf(firstOf(record, HEADERS)), ...singleFields(record)]
  return headerFields(lines)
}

/** An object of headers, or a list of `{ name, value }` as in a HAR. */
export function headerLinesOf(value: unknown): [string, string][] {
  if (Array.isArray(value)) {
    return value.flatMap((line) => (isRecord(line) ? entry(line['name'], line['value']) : []))
  }
  return isRecord(value) ? Object.entries(value).flatMap(([name, text]) => entry(name, text)) : []
}

function singleFields(record: LogRecord): [string, string][] {
  return Object.entries(record).flatMap(([name, value]) => {
    const found = HEADER_FIELDS.find(([prefix]) => name.startsWith(prefix))
    // nginx writes `-` or an empty string if there was none.
    if (found === undefined || value === '-' || value === '') return []
    return entry(found[1](name.slice(found[0].length)), value)
  })
}

function entry(name: unknown, value: unknown): [string, string][] {
  if (typeof name !== 'string') return []
  const values: unknown[] = Array.isArray(value) ? value : [value]
  return values.flatMap((text) => (typeof text === 'string' ? [[name, text]] : []))
}

/** `proxy`: one header or several, as a line of version 1 or as hexadecimal bytes of version 2. */
function proxyHeadersOf(record: LogRecord): ProxyHeader[] | string | undefined {
  const value = record['proxy']
  if (value === undefined) return undefined
  const headers: ProxyHeader[] = []
  for (const text of Array.isArray(value) ? value : [value]) {
    const result = decode(typeof text === 'string' ? headerBytes(text) : new Uint8Array([0]))
    if (result.status !== 'complete') return 'has a proxy that is not a PROXY header'
    headers.push(result.header)
  }
  return headers
}

const headerBytes = (text: string): Buffer =>
  text.startsWith('PROXY ')
    ? Buffer.from(`${text.replace(/\r?\n?$/, '')}\r\n`, 'latin1')
    : Buffer.from(text, 'hex')

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** `10.0.0.5:4711` and `[2001:db8::5]:4711`, as some logs write the peer. */
function withoutPort(text: string): string {
  return text.replace(/^([\d.]+):\d+$/, '$1').replace(/^\[(.+)\](:\d+)?$/, '$1')
}

export function isRecord(value: unknown): value is LogRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
