import type { Line } from './lines.js'

const RECORD = '{"seq":'
const EXPORT = '{"resourceLogs":'

/**
 * The records that a line carries: itself, the one at the end of a line that a syslog server wrote,
 * or those in an export of OpenTelemetry logs as a line of JSON, as collectors write to files.
 */
export function carriedLines(line: Line): readonly Line[] {
  const { text, ended } = line
  if (text.startsWith(RECORD)) return [line]
  if (text.startsWith(EXPORT)) {
    const bodies = bodiesIn(text)
    if (bodies.length > 0) return bodies.map((body) => ({ text: body, ended: true, isCopy: true }))
  }
  const at = text.startsWith('{') ? -1 : text.indexOf(RECORD)
  return at < 1 ? [line] : [{ text: text.slice(at), ended, isCopy: true }]
}

/** The bodies that are text, as bytes with each as one character, like the lines of a file. */
function bodiesIn(text: string): string[] {
  try {
    const exported: unknown = JSON.parse(Buffer.from(text, 'latin1').toString('utf8'))
    return membersOf(exported, ['resourceLogs', 'scopeLogs', 'logRecords']).flatMap((record) => {
      const body = memberOf(memberOf(record, 'body'), 'stringValue')
      return typeof body === 'string' ? [Buffer.from(body).toString('latin1')] : []
    })
  } catch {
    return []
  }
}

function membersOf(value: unknown, [name, ...rest]: readonly string[]): unknown[] {
  if (name === undefined) return [value]
  const list = memberOf(value, name)
  return Array.isArray(list) ? list.flatMap((each: unknown) => membersOf(each, rest)) : []
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
