import type { Evidence } from '@truehop/identity'
import { parseAddress } from '@truehop/ip'
import { headerFields } from './header-fields.js'

/** Formats of access logs that are lines of text. */
export const LINE_FORMATS = ['combined', 'nginx', 'haproxy', 'alb'] as const
export type LineFormat = (typeof LINE_FORMATS)[number]

/** What one line says: who connected, and which headers the log contains. */
export interface LogLine {
  readonly peer: string
  /** Undefined if the format has none. */
  readonly forwardedFor: string | undefined
}

const QUOTED = '"(?:[^"\\\\]|\\\\.)*"'

/**
 * `%h %l %u [%t] "%r" %>s %b "%{Referer}i" "%{User-agent}i"`, the last two optional. nginx's `main`
 * has X-Forwarded-For, in quotes, after it.
 */
const COMBINED = new RegExp(
  `^(\\S+) \\S+ [^[]*\\[[^\\]]*\\] ${QUOTED} (?:\\d{3}|-) \\S+(?: ${QUOTED} ${QUOTED}(?: "([^"]*)")?)?`,
)
/** HAProxy's `option httplog` and `tcplog`, with or without what syslog puts before them. */
const HAPROXY = /(?:^|haproxy\[\d+\]: )(\S+):\d{1,5} \[\d{2}\/[A-Z][a-z]{2}\/\d{4}:[\d:.]+\] /
/** `type time elb client:port target:port …` of an Application Load Balancer. */
const ALB = /^(?:https?|h2|grpcs|wss?) \d{4}-\S+Z \S+ (\S+):\d{1,5} \S+ [-\d.]+ /

const LINES: Record<LineFormat, RegExp> = {
  combined: COMBINED,
  nginx: COMBINED,
  haproxy: HAPROXY,
  alb: ALB,
}

/** The format of a line; undefined for an unknown one. */
export function lineFormatOf(text: string): LineFormat | undefined {
  return LINE_FORMATS.find((format) => typeof readLogLine(format, text) !== 'string')
}

/** What a line says, or why it cannot be read. */
export function readLogLine(format: LineFormat, text: string): LogLine | string {
  const match = LINES[format].exec(text)
  if (match === null) return `is not a line of the format ${format}`
  const [, host = '', forwardedFor] = match
  const peer = host === 'unix:' ? 'unix' : parseAddress(host)?.text
  if (peer === undefined) return 'has no address in the place of the socket peer'
  return { peer, forwardedFor }
}

/** Evidence of one line; what it does not contain comes from `otherwise`. */
export function lineEvidence(line: LogLine, otherwise: Evidence): Evidence {
  const { peer, forwardedFor } = line
  const isThere = forwardedFor !== undefined && forwardedFor !== '-' && forwardedFor !== ''
  const headers = isThere ? headerFields([['x-forwarded-for', forwardedFor]]) : {}
  return { ...otherwise, peer, headers: { ...otherwise.headers, ...headers } }
}
