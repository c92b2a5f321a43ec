import { printable } from '@truehop/ip/internal'
import type { ClientIdentity } from '../walk/identity.js'
import type { IgnoredWhy } from '../walk/ignored-claims.js'
import type { ExplainedRequest, Explanation } from './explain.js'

const WHY: Record<IgnoredWhy, string> = {
  'no-rule': 'no rule reads it',
  'sender-untrusted': 'the walk reached no hop that may assert it',
  'beyond-the-client': 'beyond the node at which the walk ended',
}

/** What a line of an explanation is about. */
export type LineKind = 'plain' | 'read' | 'client' | 'undetermined' | 'ignored' | 'conflict'

type Paint = (line: string, kind: LineKind) => string
type Row = readonly [LineKind, string, string, string]

export interface FormatOptions {
  /** Colours a finished line; for terminals. Default: as it is. */
  readonly paint?: Paint | undefined
}

/**
 * An explanation as text of aligned lines, for a terminal or a log:
 *
 *     peer      10.0.0.5                        hop-1 trusts it
 *       reads   proxy-protocol                  v2 PROXY INET STREAM 198.51.100.7:51442 > …
 *     node      198.51.100.7
 *     client    198.51.100.7                    first-untrusted
 *     ignored   x-forwarded-for: 6.6.6.6        no rule reads it
 *
 * Control characters in what a client sent are escaped.
 */
export function formatExplanation(
  explanation: Explanation,
  { paint = (text) => text }: FormatOptions = {},
): string {
  const { identity, steps, ignored, conflicts, original } = explanation
  const rows: Row[] = [['plain', 'peer', identity.peer ?? 'not known', '']]
  for (const step of steps) {
    rows.push([
      'read',
      '  reads',
      step.asserts,
      `${shown(step.entry)}  (rule ${printable(step.rule)})`,
    ])
    rows.push(
      step.next === undefined
        ? ['plain', '  ends', step.ends ?? '', '']
        : ['plain', 'node', step.next, ''],
    )
  }
  const isResolved = identity.status === 'resolved'
  rows.push([
    isResolved ? 'client' : 'undetermined',
    'client',
    clientText(identity),
    identity.reason,
  ])
  for (const claim of ignored) {
    rows.push(['ignored', 'ignored', `${claim.source}: ${shown(claim.text)}`, WHY[claim.why]])
  }
  rows.push(...originalRows(original))
  for (const { source, claims } of conflicts) {
    rows.push(['conflict', 'conflict', source, `claims ${claims}`])
  }
  return align(rows, paint)
}

/** Only if headers other than the request's own have something to say. */
function originalRows(original: ExplainedRequest): Row[] {
  const { protocol, host, protocolSource, hostSource, portSource, ignored } = original
  const rows: Row[] = []
  if (isForwarded(protocolSource)) rows.push(['plain', 'scheme', protocol ?? '', protocolSource])
  if (isForwarded(hostSource) || portSource !== undefined) {
    const sources = [hostSource, portSource].filter((source) => source !== undefined)
    rows.push(['plain', 'host', shown(host ?? ''), sources.join(', ')])
  }
  return [
    ...rows,
    ...ignored.map((name): Row => ['ignored', 'ignored', name, 'no hop that may say it']),
  ]
}

function isForwarded(source: string | undefined): source is string {
  return source !== undefined && !['socket', 'host', ':authority'].includes(source)
}

function clientText(identity: ClientIdentity): string {
  return identity.status === 'resolved' ? identity.ip : 'undetermined'
}

function align(rows: readonly Row[], paint: Paint): string {
  const widths = [1, 2].map((column) =>
    Math.min(48, Math.max(...rows.map((row) => (row[column] ?? '').length))),
  )
  return rows
    .map(([kind, ...cells]) => {
      const line = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
      return paint(line.trimEnd(), kind)
    })
    .join('\n')
}

/** Text that a client chose, on one line, with its quotes and backslashes unchanged. */
function shown(text: string): string {
  return printable(JSON.stringify(text).slice(1, -1)).replace(/\\(["\\])/g, '$1')
}
