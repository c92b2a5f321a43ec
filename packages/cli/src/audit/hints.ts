import type { Head, LedgerReport, TrailReport } from '@truehop/log'
import { printable } from '../output/printable.js'
import { nameOfTrail } from './print-report.js'

/** What a trail was checked with besides its own bytes. */
interface Given {
  readonly after?: readonly Head[] | undefined
  readonly keys: readonly string[] | undefined
}

/** The same for each trail of a ledger, by its name, and for trails that are not there at all. */
export function ledgerHintsOf({ trails, unused }: LedgerReport, given: Given): string[] {
  return [
    ...trails.flatMap((each) =>
      hintsOf(each, given).map((hint) => `trail ${nameOfTrail(each)}: ${hint}`),
    ),
    ...unusedKeyHintsOf(unused.keys),
    ...unused.after.map(
      ({ seq, hash }) => `no record continues ${seq}:${hash} of --after: ${NOT_GIVEN}`,
    ),
  ]
}

export function unusedKeyHintsOf(ids: readonly string[]): string[] {
  return ids.map((id) => `no record is sealed with the key ${id}: ${NOT_GIVEN}`)
}

/** For files without a byte: a trail that begins has a record at once. */
export function emptyHintsOf(files: Iterable<string>): string[] {
  return [...files].map((file) => `${printable(file)} is empty: its records may have been removed`)
}

const NOT_GIVEN = 'its trail was removed, or its files were not given'

/** What a report without findings does not say, and what has to be given for that. */
export function hintsOf(
  { records, complete, closed, confirmed, sealed, last }: TrailReport,
  { after = [], keys }: Given,
): string[] {
  if (records === 0 || last === undefined) return []
  const hints: string[] = []
  if (confirmed === undefined || confirmed < last.seq) {
    const end = closed
      ? ''
      : 'the last record does not close the trail, so it goes on, crashed, or was cut off; '
    const which = confirmed === undefined ? 'all of them' : `those after ${confirmed}`
    const all = keys === undefined ? `, or ${which} written anew,` : ''
    hints.push(
      `${end}whether records after ${last.seq} were removed${all} cannot be told: give --anchor or --checkpoint, kept elsewhere`,
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
