import { counted } from '../output/counted.js'
import { printable } from '../output/printable.js'
import { table } from '../output/table.js'
import { coloursOf, print, type Terminal } from '../output/terminal.js'
import type { Difference, OutcomeCount, ReplayReport } from './replay.js'

export function printReport(terminal: Terminal, report: ReplayReport): void {
  const { against } = report
  const { bold } = coloursOf(terminal)
  const { requests, undetermined } = report
  print(
    terminal,
    `${counted(requests, 'request')}, ${undetermined} undetermined${refusedOf(report)}`,
  )
  if (report.requests > 0) print(terminal, outcomes(terminal, report.outcomes, report.requests))
  if (against === undefined) printUnnamed(terminal, report)
  else {
    const { differences, undetermined } = against
    const after = `${undetermined} undetermined${refusedOf(against)}`
    print(terminal, `\n${bold('against')}: ${after}, ${differences} different`)
    if (report.requests > 0) print(terminal, outcomes(terminal, against.outcomes, report.requests))
    if (differences > 0) print(terminal, `\n${examples(terminal, against.examples)}`)
    rest(terminal, differences - against.examples.length, 'different')
  }
  const { unreadable } = report
  if (unreadable > 0) print(terminal, `\n${counted(unreadable, 'record')} could not be read`)
  for (const { number, fault } of report.unreadableExamples) {
    print(terminal, `  record ${number} ${printable(fault)}`)
  }
  rest(terminal, unreadable - report.unreadableExamples.length, 'unreadable')
}

/** Which requests to look at; with a second policy, those are the ones that differ. */
function printUnnamed(terminal: Terminal, report: ReplayReport): void {
  const { unnamedExamples: examples, undetermined, refused } = report
  if (examples.length > 0) {
    const rows = examples.map(({ number, peer = '', status, reason }) => {
      return [number, printable(peer), status, reason]
    })
    print(terminal, `\n${table(terminal.stdout, rows, ['record', 'peer', 'client', 'reason'])}`)
  }
  rest(terminal, undetermined + refused - examples.length, 'without a client')
}

function refusedOf({ refused }: { readonly refused: number }): string {
  return refused === 0 ? '' : `, ${refused} refused by the receiver of PROXY headers`
}

function rest(terminal: Terminal, count: number, what: string): void {
  if (count > 0) print(terminal, `… and ${count} more ${what} (--show N shows more)`)
}

function outcomes({ stdout }: Terminal, counts: readonly OutcomeCount[], requests: number): string {
  const rows = counts.map(({ status, reason, source, rule = '', count }) => {
    const share = `${((100 * count) / requests).toFixed(1)} %`
    return [count, share, status, reason, source, printable(rule)]
  })
  return table(stdout, rows, ['requests', 'share', 'status', 'reason', 'source', 'rule'])
}

function examples({ stdout }: Terminal, differences: readonly Difference[]): string {
  const rows = differences.map(({ number, peer = '', before, after }) => {
    return [number, printable(peer), before.client, before.reason, after.client, after.reason]
  })
  return table(stdout, rows, ['record', 'peer', 'client', 'reason', 'against', 'reason'])
}
