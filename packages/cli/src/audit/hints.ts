import type { AuditReport, Head, LedgerCheckpoints } from '@truehop/log'

/** What a trail was checked with besides its own bytes. */
interface Given {
  readonly anchors: readonly Head[]
  readonly after?: readonly Head[] | undefined
  readonly keys: readonly string[] | undefined
  readonly checkpoints: LedgerCheckpoints | undefined
}

/** What a report without findings does not say, and what has to be given for that. */
export function hintsOf(
  { records, complete, closed, sealed, last }: AuditReport,
  { anchors, after = [], keys, checkpoints }: Given,
): string[] {
  if (records === 0) return []
  const hints: string[] = []
  if (anchors.length === 0 && checkpoints === undefined) {
    const end = closed
      ? ''
      : 'the last record does not close the trail, so it goes on, crashed, or was cut off; '
    const all = keys === undefined ? ', or all of them written anew,' : ''
    hints.push(
      `${end}whether records after ${last?.seq} were removed${all} cannot be told: give --anchor or --checkpoint, kept elsewhere`,
    )
  }
  if (!complete && after.length === 0) {
    hints.push(
      'whether records before the first one were removed cannot be told: give the files before it, or --after',
    )
  }
  if (sealed > 0 && keys === undefined) {
    hints.push('its records are sealed, which was not checked: give --key-file')
  }
  return hints
}
