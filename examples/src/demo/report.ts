import type { Explanation, IgnoredClaim, WalkStep } from '@truehop/identity'
import { clientOf, type Outcome } from './outcome.js'
import type { Sighting } from './sightings.js'
import { type Cell, type Column, tableText } from './table.js'
import type { Palette } from './terminal.js'

const COLUMNS: readonly Column[] = [
  { title: 'path to the app' },
  { title: 'peer' },
  { title: 'claimed: ✓ read ✗ not' },
  { title: 'identity, and why' },
  { title: 'log' },
  { title: 'allowlist' },
  { title: 'limiter' },
]

/** The outcomes of one application as a table. */
export function reportText(outcomes: readonly Outcome[], palette: Palette): string {
  const rows = outcomes.flatMap((outcome, i) => {
    const row = rowOf(outcome, palette)
    return i === 0 ? [row] : [BLANK, row]
  })
  return tableText(COLUMNS, rows, palette.dim)
}

const BLANK: readonly Cell[] = [{ lines: [''] }]

function rowOf(outcome: Outcome, palette: Palette): Cell[] {
  const { path, site, sighting } = outcome
  if (sighting === undefined) {
    return [
      { lines: path.title },
      { lines: [site.cast[path.from]] },
      { lines: [path.unseen ?? ''] },
      { lines: ['connection refused', outcome.refusal ?? ''], style: palette.warn },
      ...['', '', ''].map(() => ({ lines: ['–'] })),
    ]
  }
  const seen = [sighting.log, sighting.allowlist, sighting.limiter]
  return [
    { lines: path.title },
    { lines: [sighting.identity?.peer ?? 'not known'] },
    { lines: claimLines(sighting.explanation) },
    identityCell(outcome, sighting, palette),
    ...seen.map((text) => seenCell(text, sighting, palette)),
  ]
}

function identityCell({ answer }: Outcome, { identity }: Sighting, palette: Palette): Cell {
  if (identity?.status === 'resolved') {
    return { lines: [identity.ip, identity.reason], style: palette.good }
  }
  const reason = identity?.reason ?? 'nothing known'
  return { lines: [`undetermined: ${answer.status}`, reason], style: palette.warn }
}

function seenCell(text: string | undefined, sighting: Sighting, palette: Palette): Cell {
  if (text === undefined) return { lines: ['–'] }
  return { lines: [text], style: text === clientOf(sighting) ? palette.good : palette.bad }
}

/** Every claim, each with whether the walk read it. */
function claimLines(explanation: Explanation | undefined): string[] {
  if (explanation === undefined) return []
  const read = explanation.steps.map((step) => `✓ ${stepText(step)}`)
  const ignored = explanation.ignored.flatMap(ignoredLines)
  return read.length + ignored.length === 0 ? ['nothing'] : [...read, ...ignored]
}

function stepText({ asserts, entry, next }: WalkStep): string {
  if (asserts !== 'proxy-protocol') return `XFF ${entry}`
  const [version, command] = entry.split(' ')
  return `PROXY ${version} ${next ?? command}`
}

/** One address to a line, the nearest first: in the order in which they would have been read. */
function ignoredLines({ source, text }: IgnoredClaim): string[] {
  const label = source === 'x-forwarded-for' ? 'XFF' : source
  return text
    .split(/[ ,]+/)
    .filter(Boolean)
    .reverse()
    .map((claim) => `✗ ${label} ${claim}`)
}

/** How many agreed, and everything that did not. */
export function summaryText(outcomes: readonly Outcome[], { good, bad }: Palette): string {
  const faults = outcomes.flatMap(({ site, path, faults }) =>
    faults.map((fault) => bad(`${site.name}, ${path.slug}: ${fault}`)),
  )
  const refused = outcomes.filter(({ sighting }) => sighting === undefined).length
  const answers = outcomes.reduce((sum, { compared }) => sum + compared, 0)
  const counts = `${outcomes.length} connections, ${refused} of them refused; ${answers} answers of log, allowlist and limiter`
  if (faults.length > 0) return [...faults, bad(`${counts}: ${faults.length} faults.`)].join('\n')
  return good(`${counts}: all agree with the identity.`)
}
