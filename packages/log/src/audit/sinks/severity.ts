/** How much an event matters, as both syslog (RFC 5424 section 6.2.1) and OpenTelemetry number it. */
export interface Severity {
  readonly syslog: number
  readonly openTelemetry: number
  readonly text: 'ERROR' | 'WARN' | 'INFO'
}

const ERROR: Severity = { syslog: 3, openTelemetry: 17, text: 'ERROR' }
const WARNING: Severity = { syslog: 4, openTelemetry: 13, text: 'WARN' }
const NOTICE: Severity = { syslog: 5, openTelemetry: 10, text: 'INFO' }

const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ['ranges-failed', ERROR],
  ['audit.left-out', ERROR],
  ['audit.sink-left-out', ERROR],
  ['undetermined', WARNING],
  ['denied', WARNING],
  ['would-deny', WARNING],
  ['limited', WARNING],
  ['connection-refused', WARNING],
])

/** Of an application's own event: a notice. */
export function severityOf(event: string): Severity {
  return SEVERITIES.get(event) ?? NOTICE
}
