import type { AuditReport, LedgerReport, LedgerTrail } from '@truehop/log'
import { counted } from '../output/counted.js'
import { printable } from '../output/printable.js'
import { coloursOf, print, type Terminal } from '../output/terminal.js'
import type { FileLines } from './file-lines.js'

const NO_RECORDS =
  'no records, so nothing was checked; --anchor SEQ:HASH shows whether records were removed'

export function printReport(
  terminal: Terminal,
  report: AuditReport,
  trail: FileLines,
  hints: readonly string[],
): void {
  const colours = coloursOf(terminal)
  for (const { line, code, message } of report.findings) {
    const place = line === 0 ? '' : `${trail.place(line)}: `
    print(terminal, `${place}${printable(message)} ${colours.red(`[${code}]`)}`)
  }
  const more = report.findingCount - report.findings.length
  if (more > 0) print(terminal, `… and ${counted(more, 'more finding')}`)
  if (report.records === 0 && report.ok) {
    print(terminal, colours.yellow(NO_RECORDS))
    return
  }
  const start = report.complete ? 'from the first one on' : 'not from the first one on'
  const head = report.last === undefined ? '' : `, last ${report.last.seq}:${report.last.hash}`
  print(terminal, `${counted(report.records, 'record')}, ${start}${head}`)
  if (report.torn > 0)
    print(terminal, `${counted(report.torn, 'line')} that a crash left unfinished`)
  for (const { message } of report.acknowledged) print(terminal, printable(message))
  print(terminal, report.ok ? colours.green('unchanged') : colours.red('not as written'))
  printHints(terminal, hints)
}

/** `unchanged` alone would say more than was looked at. */
function printHints(terminal: Terminal, hints: readonly string[]): void {
  const colours = coloursOf(terminal)
  for (const hint of hints) print(terminal, colours.yellow(`but ${hint}`))
}

/** The random name in its first record, where that is there. */
export function nameOfTrail({ trail = 'without its beginning' }: LedgerTrail): string {
  return trail
}

export function printLedger(
  terminal: Terminal,
  { trails, findings, findingCount, ok, records: all }: LedgerReport,
  hints: readonly string[],
): void {
  const colours = coloursOf(terminal)
  const tell = (found: AuditReport['findings'], count: number): void => {
    for (const { line, code, message } of found) {
      const place = line === 0 ? '' : `line ${line}: `
      print(terminal, `${place}${printable(message)} ${colours.red(`[${code}]`)}`)
    }
    if (count > found.length)
      print(terminal, `… and ${counted(count - found.length, 'more finding')}`)
  }
  tell(findings, findingCount)
  for (const report of trails) {
    const { records, last } = report
    const head = last === undefined ? '' : `, last ${last.seq}:${last.hash}`
    print(terminal, `trail ${nameOfTrail(report)}: ${counted(records, 'record')}${head}`)
    tell(report.findings, report.findingCount)
    for (const { message } of report.acknowledged) print(terminal, printable(message))
  }
  const verdict = ok ? colours.green('unchanged') : colours.red('not as written')
  if (all === 0 && ok) print(terminal, colours.yellow(NO_RECORDS))
  else print(terminal, `${counted(trails.length, 'trail')}, ${verdict}`)
  printHints(terminal, hints)
}
