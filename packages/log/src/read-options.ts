import {
  boolean,
  custom,
  type FieldsOf,
  immediateCallback,
  instance,
  list,
  oneOf,
  type Report,
  readOptions,
  show,
  type Values,
} from '@truehop/options'
import { readMountPath } from './express-route.js'
import type { ClientKnowledge } from './fields/about.js'
import { LogError, refusal } from './log-error.js'
import type { AccessLogOptions, Level, Logger, SpanLike } from './options.js'
import {
  PRIVACY_OPTIONS,
  type PrivacySettings,
  privacySettings,
} from './privacy/privacy-options.js'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const satisfies Level[]

/** Anyone who can read the log could act as the user that these authenticate. */
const SECRETS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie'])

const headerName = custom<string>(readHeaderName, 'header names', undefined)({ says: '' })
const mountPath = custom<string>(readMountPath, 'paths', undefined)({ says: '' })

/** What each option takes; the check, its message and the documentation come from here. */
export const ACCESS_LOG_OPTIONS = {
  fields: oneOf(['otel', 'ecs', 'combined'], {
    says: 'Names and shape of the record.',
    default: 'otel',
    see: 'logging.md#field-names',
  }),
  ...PRIVACY_OPTIONS,
  level: oneOf(LEVELS, { says: 'Level of the records.', default: 'info' }),
  query: boolean({ says: 'Records the query, which carries tokens and names.', default: false }),
  headers: list(headerName, {
    says: "Request headers to record. Not with `'combined'`, and never `authorization`, `proxy-authorization` or `cookie`.",
    default: [],
    hint: "write ['accept-language']",
  }),
  conflicts: boolean({
    says: 'Names contradicting evidence among the anomalies; walks every request a second time.',
    default: false,
  }),
  decisions: oneOf(['refused', 'all'], {
    says: 'Whose details the record has: of decisions that refused or delayed a request, or of all. Of one that passed, it always says that it did.',
    default: 'refused',
    see: 'logging.md#decisions',
  }),
  skip: immediateCallback<(request: never, status: number | undefined) => boolean>(
    '(request, status) => boolean',
  )({
    says: 'True for requests that get no record; called when the response has ended. A request for which it throws gets its record.',
    hint: "write skip: (request) => request.url === '/health'",
  }),
  span: immediateCallback<(request: never) => SpanLike | undefined>('(request) => Span')({
    says: "The request's span.",
    see: 'logging.md#spans',
    hint: 'write span: () => trace.getActiveSpan()',
  }),
  about: list(
    instance<ClientKnowledge>('an object with facts(address)', knowsClients)({ says: '' }),
    {
      says: "What knows more of clients: `openGeo(…)` for country and network, `verifiedCrawlers(…)` for bots. Not with `'combined'`.",
      default: [],
      hint: 'write [geo]',
      see: 'logging.md#country-network-and-crawlers',
    },
  ),
  destination: instance<{ write(text: string): unknown }>(
    'an object with write(text), such as process.stdout',
    canWrite,
  )({
    says: "Where `'combined'` lines go, each with `\\n`; without it they are the logger's messages.",
  }),
} satisfies FieldsOf<AccessLogOptions<never>>

/** The options that Express takes besides these. */
export const EXPRESS_OPTIONS = {
  logger: instance<Logger>(
    'a pino logger, or anything with its methods',
    isLogger,
  )({ says: 'Where records go. Express only.', required: true, hint: 'write logger: pino()' }),
  mountPaths: list(mountPath, {
    says: 'Where routers are mounted, nested ones in full; routes of other routers have no `http.route`. Express only.',
    default: [],
    hint: "write ['/api', '/users/:id']",
    see: 'logging.md#express',
  }),
}

type AccessLogValues = Values<typeof ACCESS_LOG_OPTIONS>

/** The options with their defaults. */
export type AccessLogSettings<Request> = Omit<
  AccessLogValues,
  'address' | 'keep' | 'hmac' | 'skip' | 'span'
> &
  Pick<AccessLogOptions<Request>, 'skip' | 'span'> & { readonly privacy: PrivacySettings }

/** @throws {LogError} for anything that would have to be guessed. */
export function readAccessLogOptions<Request>(
  options: AccessLogOptions<Request>,
): AccessLogSettings<Request> {
  const values = readOptions(ACCESS_LOG_OPTIONS, options, refusal)
  refuseMixtures(values)
  const { address, keep, hmac, ...rest } = values
  const { skip, span } = options
  return { ...rest, skip, span, privacy: privacySettings({ address, keep, hmac }) }
}

/** Options that are each fine but mean nothing together. */
function refuseMixtures({ fields, headers, about, destination }: AccessLogValues): void {
  if (fields === 'combined' && about.length > 0) {
    throw new LogError(
      'bad-option',
      'about',
      "has no place in the combined format; write fields: 'otel' or 'ecs'",
    )
  }
  if (fields === 'combined' && headers.length > 0) {
    throw new LogError(
      'bad-option',
      'headers',
      "has no place in the combined format; write fields: 'otel' or 'ecs'",
    )
  }
  if (fields !== 'combined' && destination !== undefined) {
    throw new LogError(
      'bad-option',
      'destination',
      `is for fields: 'combined' only; with '${fields}' records go through the logger`,
    )
  }
}

/** @throws {LogError} */
export function readExpressOptions(given: object): Values<typeof EXPRESS_OPTIONS> {
  return readOptions(EXPRESS_OPTIONS, given, refusal)
}

function isLogger(value: unknown): value is Logger {
  const logger = (value ?? {}) as Partial<Logger>
  return LEVELS.every((level) => typeof logger[level] === 'function')
}

function knowsClients(value: unknown): value is ClientKnowledge {
  return typeof (value as { readonly facts?: unknown } | null)?.facts === 'function'
}

function canWrite(value: unknown): value is { write(text: string): unknown } {
  return typeof (value as { readonly write?: unknown } | null)?.write === 'function'
}

function readHeaderName(value: unknown, path: string, report: Report): string {
  const name = typeof value === 'string' ? value.toLowerCase() : ''
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
    report({ path, code: 'bad-option', message: `must be a header name, got ${show(value)}` })
  } else if (SECRETS.has(name)) {
    const message = `must not be '${name}', which carries credentials; leave it out`
    report({ path, code: 'bad-option', message })
  }
  return name
}
