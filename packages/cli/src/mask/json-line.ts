import { parseAddress } from '@truehop/ip'
import { isRecord } from '../evidence/record.js'
import { numberIn, parseExactly, writeExactly } from './exact-json.js'
import { DATE_TIME, type Masked, type Masking, maskText, NO_TIME } from './masked.js'

/** Objects and arrays in one another; more is not a log record. */
const MAX_DEPTH = 64

/** With the address they identify one subscriber, or contain it in a form no search finds. */
const REVEALING = [
  /(?:^|[._])(?:remote|peer|client|source|src)[._]?port$/i,
  /(?:^|\.)firstBytes$/,
  /^truehop\.proxy_protocol\.unique_id$/,
  // Of a refused connection in an audit trail.
  /^facts\.message$/,
]

/** What a live record leaves as it came, whatever the form of addresses. */
const AS_IT_CAME = [
  /^(?:url\.(?:path|query)|http\.route|truehop\.route|request\.path|http\.request\.referrer)$/,
  /^(?!http\.request\.header\.|truehop\.headers\.)(?:.*[._])?(?:user[-_]?agent(?:\.original)?|sec-ch-ua[a-z-]*)$/i,
]

/** Of Elasticsearch's type `ip`, in which a token has no place. */
const OF_TYPE_IP = /^(?:client|source)\.ip$/

/** A record of a log as a line of JSON, ours or another's. */
export function maskJson(text: string, masking: Masking): Masked {
  const record = parseExactly(text)
  if (!isRecord(record)) return { reason: 'is not a JSON object' }
  const form = formOf(record)
  const wanted = masking.privacy.form
  if (form !== undefined && form !== wanted && wanted !== 'none') {
    return { reason: hiddenAs(form, wanted) }
  }
  const at = timeOf(record)
  if (at === undefined && wanted === 'hmac') return { reason: NO_TIME }
  const masked = new JsonMask(masking, at).record(record)
  return masked === undefined
    ? { reason: 'cannot be masked: nested too deeply, or two names in it become one' }
    : { line: writeExactly(masked) }
}

/** Without the form itself if it is not one: not a byte of a line that is kept out is shown. */
function hiddenAs(form: string, wanted: string): string {
  const known = FORMS.has(form) ? `as '${form}'` : 'in a form that is not known,'
  return `has its addresses ${known} already, which cannot become '${wanted}'`
}

const FORMS: ReadonlySet<string> = new Set(['truncated', 'hmac', 'none'])

type LogRecord = Readonly<Record<string, unknown>>

/** How the record shows addresses; undefined for in full, and for a record that is not ours. */
function formOf(record: LogRecord): string | undefined {
  const own = isRecord(record['truehop']) ? record['truehop']['address'] : undefined
  const form = record['truehop.address'] ?? own
  return typeof form === 'string' ? form : undefined
}

/** Where loggers put the time: pino, ECS, others, Caddy. */
const TIMES = ['time', '@timestamp', 'timestamp', 'ts']

/** With the date first: other texts may be a duration, or a date in somebody's local order. */
const DATED = /^\d{4}-\d\d-\d\d/

/** In milliseconds since 1970. */
function timeOf(record: LogRecord): number | undefined {
  return TIMES.map((name) => momentOf(record[name])).find((time) => time !== undefined)
}

function momentOf(value: unknown): number | undefined {
  const isDated = typeof value === 'string' && DATED.test(value)
  const time = isDated ? Date.parse(value) : (numberIn(value) ?? Number.NaN)
  if (isDated) return Number.isNaN(time) ? undefined : time
  return UNITS.find(({ from, to }) => time >= from && time < to)?.inMilliseconds(time)
}

/** Of numbers, by what they are in the years from 2001 to 2286. */
const UNITS = [1000, 1, 1e-3, 1e-6].map((milliseconds) => ({
  from: 1e12 / milliseconds,
  to: 1e13 / milliseconds,
  inMilliseconds: (time: number) => time * milliseconds,
}))

function uniqueIdOf(record: LogRecord): unknown {
  const own = isRecord(record['truehop']) ? record['truehop']['proxy_protocol'] : undefined
  return (
    record['truehop.proxy_protocol.unique_id'] ?? (isRecord(own) ? own['unique_id'] : undefined)
  )
}

const REQUEST_ID = /^(?:truehop|http)\.request\.id$/

const GONE = Symbol('gone')

class JsonMask {
  readonly #masking: Masking
  readonly #at: number | undefined
  /** HAProxy's id of the connection, which is the request's as well where that has none. */
  #uniqueId: unknown
  #isRefused = false

  constructor(masking: Masking, at: number | undefined) {
    this.#masking = masking
    this.#at = at
  }

  /** Undefined for one that cannot be masked without losing something else. */
  record(record: LogRecord): LogRecord | undefined {
    this.#uniqueId = uniqueIdOf(record)
    const masked = this.#members(record, '', MAX_DEPTH)
    return this.#isRefused ? undefined : this.#withForm(masked)
  }

  /** Our own records say in which form they show addresses. */
  #withForm(record: LogRecord): LogRecord {
    const { form } = this.#masking.privacy
    const own = record['truehop']
    if (record['truehop.identity.status'] !== undefined) {
      return { ...record, 'truehop.address': form }
    }
    if (!isRecord(own) || !isRecord(own['identity'])) return record
    return { ...record, truehop: { ...own, address: form } }
  }

  #members(record: LogRecord, path: string, depth: number): LogRecord {
    const masked = new Map<string, unknown>()
    for (const [name, value] of Object.entries(record)) {
      const at = path === '' ? name : `${path}.${name}`
      const shown = this.#value(value, at, depth)
      if (shown === GONE) continue
      const key = maskText(name, this.#masking, this.#at)
      if (masked.has(key)) this.#isRefused = true
      masked.set(key, shown)
    }
    return Object.fromEntries(masked)
  }

  #value(value: unknown, path: string, depth: number): unknown {
    if (REVEALING.some((pattern) => pattern.test(path))) return GONE
    if (value === this.#uniqueId && REQUEST_ID.test(path)) return GONE
    if (typeof value === 'string') return this.#text(value, path)
    if (typeof value !== 'object' || value === null) return value
    if (depth === 0) this.#isRefused = true
    if (this.#isRefused) return null
    if (!Array.isArray(value)) return this.#members({ ...value }, path, depth - 1)
    return value.map((each) => {
      const shown = this.#value(each, path, depth - 1)
      return shown === GONE ? '[redacted]' : shown
    })
  }

  #text(text: string, path: string): unknown {
    const { privacy, everywhere } = this.#masking
    if (DATE_TIME.test(text)) return text
    if (!everywhere && AS_IT_CAME.some((pattern) => pattern.test(path))) return text
    if (privacy.form === 'hmac' && OF_TYPE_IP.test(path)) return GONE
    const isParty = parseAddress(text) !== undefined || /^hmac-[\da-f]{32}$/.test(text)
    return privacy.form === 'none' && isParty ? GONE : maskText(text, this.#masking, this.#at)
  }
}
