import type { DecisionView } from '../view/view.js'

/** The first line; columns may be added at the end. */
const COLUMNS = [
  'id',
  'time',
  'status',
  'client',
  'reason',
  'source',
  'rule',
  'peer',
  'method',
  'path',
  'verdicts',
  'answer',
  'milliseconds',
] as const

/** Decisions as CSV (RFC 4180), oldest first. */
export function decisionsCsv(decisions: readonly DecisionView[]): string {
  const rows = [COLUMNS, ...decisions.map(cellsOf)]
  return rows.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')
}

function cellsOf({ id, at, method, path, walk, verdicts, answer }: DecisionView) {
  const { status, client, reason, source, rule } = walk.outcome
  const said = verdicts.map(({ name, word, what }) => [name, word, ...what].join(' ')).join('; ')
  const time = new Date(at).toISOString()
  const before = [id, time, status, client, reason, source, rule, walk.peer, method, path]
  return [...before, said, answer?.status, answer?.ms]
}

/** What a spreadsheet takes for a formula, and the two characters that bring one to the front. */
const FORMULA = /^[=+\-@\t\r]/

/**
 * A spreadsheet runs a cell that begins like a formula, and a client chose most of them: `'` in
 * front makes it text (OWASP, CSV injection).
 */
function cell(value: string | number | undefined): string {
  const text = String(value ?? '')
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
