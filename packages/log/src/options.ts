import { LogError, refuseUnknown, requireFunction, requireOneOf } from './log-error.js'
import type { PrivacyOptions } from './privacy/address-privacy.js'

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** What an OpenTelemetry span is asked for: `Span` of `@opentelemetry/api` is one. */
export interface SpanLike {
  setAttribute(name: string, value: string | number): unknown
}

export interface AccessLogOptions<Request = unknown> extends PrivacyOptions {
  /** Names and shape of the record. Default `'otel'`. */
  readonly fields?: 'otel' | 'ecs' | 'combined'
  /** Level of the records. Default `'info'`. */
  readonly level?: Level
  /** Records the query. Default false: queries carry tokens and names. */
  readonly query?: boolean
  /**
   * Request headers to record, by name; addresses in their values are shown as `address` says.
   * Not with `combined`, which has no place for them. Default none.
   */
  readonly headers?: readonly string[]
  /**
   * Also names contradicting evidence among the record's anomalies. Default false: looking for it
   * explains every request's walk a second time.
   */
  readonly conflicts?: boolean
  /** True for requests that get no record, such as health checks. Asked when the response ended. */
  readonly skip?: (request: Request, status: number | undefined) => boolean
  /** The request's span, `() => trace.getActiveSpan()` of `@opentelemetry/api`. */
  readonly span?: (request: Request) => SpanLike | undefined
  /** Where `combined` lines go, each with `\n`. Without it they are the logger's messages. */
  readonly destination?: { write(text: string): unknown }
}

const KNOWN = [
  'fields',
  'address',
  'hmac',
  'level',
  'query',
  'headers',
  'conflicts',
  'skip',
  'span',
  'destination',
] as const satisfies readonly (keyof AccessLogOptions)[]

/** Whoever reads the log could be whoever these name. */
const SECRETS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie'])

/** The options with their defaults. Throws `LogError` for anything that would have to be guessed. */
export function readOptions<Request>(options: AccessLogOptions<Request>) {
  refuseUnknown(options, KNOWN)
  const { fields = 'otel', level = 'info', query = false, conflicts = false, ...rest } = options
  requireOneOf('fields', fields, ['otel', 'ecs', 'combined'])
  requireOneOf('level', level, ['trace', 'debug', 'info', 'warn', 'error'])
  requireBoolean('query', query)
  requireBoolean('conflicts', conflicts)
  for (const name of ['skip', 'span'] as const) {
    if (rest[name] !== undefined) requireFunction(name, rest[name])
  }
  checkDestination(fields, rest.destination)
  return { ...rest, fields, level, query, conflicts, headers: readHeaders(fields, rest.headers) }
}

function checkDestination(fields: string, destination: AccessLogOptions['destination']): void {
  if (destination === undefined) return
  if (fields !== 'combined') {
    throw new LogError(
      'bad-option',
      'destination',
      `is for fields: 'combined' only; with '${fields}' records go through the logger`,
    )
  }
  if (typeof destination.write !== 'function') {
    throw new LogError(
      'bad-option',
      'destination',
      'expected something with write(text), such as process.stdout',
    )
  }
}

function requireBoolean(path: string, value: unknown): void {
  if (typeof value === 'boolean') return
  throw new LogError('bad-option', path, `expected true or false, got ${String(value)}`)
}

function readHeaders(fields: string, headers: readonly string[] = []): readonly string[] {
  if (!Array.isArray(headers)) {
    throw new LogError('bad-option', 'headers', `expected an array of names, got ${typeof headers}`)
  }
  if (fields === 'combined' && headers.length > 0) {
    throw new LogError(
      'bad-option',
      'headers',
      "the combined format has no place for headers; write fields: 'otel' or 'ecs'",
    )
  }
  return Array.from(headers, (name: unknown, i) => {
    if (typeof name !== 'string' || !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
      throw new LogError(
        'bad-option',
        `headers[${i}]`,
        `expected a header name, got ${JSON.stringify(name)}`,
      )
    }
    const lower = name.toLowerCase()
    if (SECRETS.has(lower)) {
      throw new LogError(
        'bad-option',
        `headers[${i}]`,
        `${lower} carries credentials and is not recorded`,
      )
    }
    return lower
  })
}
