import type { SinkRecord } from './audit-sink.js'
import { severityOf } from './severity.js'

/** RFC 5424 section 6.2.1, those that a service may have. */
export const FACILITIES = {
  user: 1,
  daemon: 3,
  auth: 4,
  authpriv: 10,
  audit: 13,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const

export type Facility = keyof typeof FACILITIES

/** Constant data of each message, by SD-ID: `{ 'app@12345': { instance: 'a' } }`. */
export type StructuredData = Readonly<Record<string, Readonly<Record<string, string>>>>

/** What all messages of a process have in common. */
export interface SyslogOrigin {
  readonly facility: Facility
  readonly hostname: string
  readonly appName: string
  readonly procId: string
  readonly structuredData: StructuredData
}

/** Before a message that is UTF-8 (section 6.4); ASCII needs no mark. */
const MARK = '\ufeff'
const BEYOND_ASCII = /[^\0-\x7f]/

/** A message of RFC 5424, without the framing of a transport. */
export function syslogMessage(record: SinkRecord, origin: SyslogOrigin): string {
  const priority = FACILITIES[origin.facility] * 8 + severityOf(record.event).syslog
  const time = new Date(record.time).toISOString()
  const { hostname, appName, procId } = origin
  const header = `<${priority}>1 ${time} ${hostname} ${appName} ${procId} ${messageId(record.event)}`
  const mark = BEYOND_ASCII.test(record.line) ? MARK : ''
  return `${header} ${dataOf(record, origin.structuredData)} ${mark}${record.line}`
}

/** RFC 6587 section 3.4.1, RFC 5425 section 4.3: the length in bytes, a space, the message. */
export function framed(message: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(message)} ${message}`)
}

/** At most 32 printable characters of ASCII; an application's own event may be anything. */
function messageId(event: string): string {
  return event.replace(/[^\x21-\x7e]/g, '_').slice(0, 32) || '-'
}

/** `sequenceId` of `meta` begins again after 2,147,483,647 (section 7.3.1). */
function dataOf({ seq }: SinkRecord, own: StructuredData): string {
  const meta = { meta: { sequenceId: String((seq % 0x7fff_ffff) + 1) } }
  return Object.entries({ ...meta, ...own })
    .map(([id, values]) => `[${id}${Object.entries(values).map(parameter).join('')}]`)
    .join('')
}

/** Section 6.3.3: `"`, `\` and `]` are escaped; a line end would break the message for some readers. */
function parameter([name, value]: readonly [string, string]): string {
  return ` ${name}="${value.replace(/["\\\]]/g, '\\$&').replace(/\p{Cc}/gu, ' ')}"`
}
