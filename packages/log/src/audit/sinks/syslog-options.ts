import { hostname } from 'node:os'
import type { ConnectionOptions } from 'node:tls'
import {
  custom,
  type FieldsOf,
  instance,
  integer,
  isRecord,
  oneOf,
  type Report,
  readOptions,
  show,
  text,
  type Values,
} from '@truehop/options'
import { LogError, refusal } from '../../log-error.js'
import { FACILITIES, type Facility, type StructuredData } from './syslog-message.js'

export interface SyslogOptions {
  readonly host: string
  /** Default 6514 with `tls`, else 601. */
  readonly port?: number | undefined
  /** Options of `tls.connect`, `{}` for the usual ones. Without it, records go in clear. */
  readonly tls?: ConnectionOptions | undefined
  /** Default `'audit'`. */
  readonly facility?: Facility | undefined
  /** At most 48 printable characters of ASCII. Default `'truehop'`. */
  readonly appName?: string | undefined
  /** At most 255 printable characters of ASCII. Default: the machine's. */
  readonly hostname?: string | undefined
  /** Constant data of each message, by SD-ID: `{ 'app@12345': { instance: 'a' } }`. */
  readonly structuredData?: StructuredData | undefined
  /** Bytes of a message, 2048 to 1,048,576; longer ones are left out. Default 8192. */
  readonly maxMessage?: number | undefined
  /** Bytes of messages that may wait to be sent; further ones are left out. Default 4 MiB. */
  readonly maxPending?: number | undefined
}

const facilities = Object.keys(FACILITIES).filter((name) => name in FACILITIES) as Facility[]

const printableAscii = (most: number) =>
  custom<string>(
    (value, path, report) => readName(value, path, report, most),
    `1 to ${most} printable ASCII characters`,
    undefined,
  )

/** What each option takes; the check, its message and the documentation come from here. */
export const SYSLOG_OPTIONS = {
  host: text({ says: 'The server.', required: true, hint: "write host: 'logs.example.com'" }),
  port: integer({
    says: 'Its port.',
    least: 1,
    most: 65_535,
    defaultSays: '6514 with `tls`, else 601',
  }),
  tls: instance<ConnectionOptions>(
    'options of tls.connect',
    isRecord as IsConnectionOptions,
  )({
    says: 'TLS (RFC 5425), `{}` for the usual options; without it, records go in clear.',
    hint: "write tls: { ca: readFileSync('ca.pem') }",
  }),
  facility: oneOf(facilities, { says: 'Facility of the messages.', default: 'audit' }),
  appName: printableAscii(48)({ says: 'APP-NAME of the messages.', default: 'truehop' }),
  hostname: printableAscii(255)({
    says: 'HOSTNAME of the messages.',
    defaultSays: "the machine's",
  }),
  structuredData: custom<StructuredData>(
    readData,
    '`{ name@number: { name: text } }`',
    undefined,
  )({
    says: 'Constant data of each message, by SD-ID.',
    hint: "write structuredData: { 'app@12345': { instance: 'a' } } with your private enterprise number",
  }),
  maxMessage: integer({
    says: 'A message; longer ones are left out, and counted.',
    unit: 'bytes',
    least: 2048,
    most: 1_048_576,
    default: 8192,
  }),
  maxPending: integer({
    says: 'Messages that may wait to be sent; further ones are left out, and counted.',
    unit: 'bytes',
    least: 65_536,
    most: 1_073_741_824,
    default: 4_194_304,
  }),
} satisfies FieldsOf<SyslogOptions>

type IsConnectionOptions = (value: unknown) => value is ConnectionOptions

export type SyslogSettings = Values<typeof SYSLOG_OPTIONS> & {
  readonly port: number
  readonly hostname: string
  readonly structuredData: StructuredData
}

/** @throws {LogError} for anything that would have to be guessed. */
export function readSyslogOptions(options: SyslogOptions): SyslogSettings {
  const values = readOptions(SYSLOG_OPTIONS, options, refusal, {
    says: '',
    hint: "write { host: 'logs.example.com', tls: {} }",
  })
  if (values.tls?.rejectUnauthorized === false) {
    const advice = 'anyone in between could then read and drop records; name the issuer in tls.ca'
    throw new LogError('bad-option', 'tls.rejectUnauthorized', `must not be false: ${advice}`)
  }
  return {
    ...values,
    port: values.port ?? (values.tls === undefined ? 601 : 6514),
    hostname:
      values.hostname ??
      (hostname()
        .replace(/[^\x21-\x7e]/g, '')
        .slice(0, 255) ||
        '-'),
    structuredData: values.structuredData ?? {},
  }
}

function readName(value: unknown, path: string, report: Report, most: number): string {
  if (typeof value === 'string' && value.length <= most && /^[\x21-\x7e]+$/.test(value))
    return value
  const message = `must be 1 to ${most} printable ASCII characters without spaces, got ${show(value)}`
  report({ path, code: 'bad-option', message })
  return '-'
}

/** RFC 5424 section 6.3: names of 1 to 32 characters without `=`, `]`, `"` and spaces. */
const SD_NAME = /^[!#-<>-\\^-~]{1,32}$/
/** Names without `@` are registered by IANA; `meta` is this sink's. */
const SD_ID = /^[^@]+@\d+(?:\.\d+)*$/

function readData(value: unknown, path: string, report: Report): StructuredData {
  const refuse = (at: string, message: string): StructuredData => {
    report({ path: at, code: 'bad-option', message })
    return {}
  }
  if (!isRecord(value)) return refuse(path, `must be an object by SD-ID, got ${show(value)}`)
  for (const [id, parameters] of Object.entries(value)) {
    const at = `${path}.${id.slice(0, 40)}`
    if (!SD_NAME.test(id) || !SD_ID.test(id)) {
      return refuse(at, 'must be named like app@12345, with 32 characters or fewer')
    }
    if (!isRecord(parameters)) return refuse(at, `must be an object, got ${show(parameters)}`)
    const wrong = Object.entries(parameters).find(
      ([name, each]) => !SD_NAME.test(name) || typeof each !== 'string',
    )
    if (wrong === undefined) continue
    const what = 'must be a text under a name without spaces, =, ] and "'
    return refuse(`${at}.${wrong[0].slice(0, 40)}`, `${what}, got ${show(wrong[1])}`)
  }
  return structuredClone(value) as StructuredData
}
