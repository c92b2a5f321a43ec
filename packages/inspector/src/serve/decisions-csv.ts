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

/**
 * Where a spreadsheet may begin a formula: with one of these signs, of either width, at the beginning
 * of a cell or after blanks. Where a comma is the decimal sign, cells end at a semicolon, quoted or
 * not.
 */
const FORMULA = /(^|;)(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/g

/**
 * A spreadsheet runs a cell that begins like a formula, and a client chose most of them: `'` in
 * front makes it text (OWASP, CSV injection).
 */
function cell(value: string | number | undefined): string {
  const text = String(value ?? '')
  const safe = text.replace(FORMULA, "$1'")
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
