import { stripVTControlCharacters } from 'node:util'
import Table from 'cli-table3'
import type { Screen } from './terminal.js'

const BORDERLESS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** What is between two columns. */
const GAP = BORDERLESS.middle.length

/**
 * Aligned columns without lines; `head` above them. Colours in a cell do not count as width. On a
 * terminal, cells too wide for it are wrapped between words: an address is never broken, and nothing
 * is left out. In a file or a pipe each row stays on one line.
 */
export function table(
  screen: Screen,
  rows: readonly (readonly (string | number)[])[],
  head: string[] = [],
): string {
  const made = new Table({
    head,
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    ...fitting(screen, [head, ...rows]),
  })
  for (const row of rows) made.push([...row])
  const lines = made.toString().split('\n')
  return lines.map((line) => line.trimEnd()).join('\n')
}

/** The widths with which all columns fit, taken from the widest; none where they fit, or cannot. */
function fitting(
  { isTTY, columns }: Screen,
  rows: readonly (readonly (string | number)[])[],
): { colWidths: number[]; wordWrap: true } | undefined {
  if (isTTY !== true || columns === undefined) return undefined
  const longest = (words: (cell: string) => string[]): number[] =>
    columnsOf(rows).map((cells) => Math.max(...cells.flatMap(words).map(({ length }) => length)))
  const widths = longest((cell) => [cell])
  const least = longest((cell) => cell.split(' '))
  let excess = sum(widths) + GAP * (widths.length - 1) - columns
  while (excess > 0) {
    const room = widths.map((width, n) => (width > (least[n] ?? 0) ? width : 0))
    const most = Math.max(...room)
    if (most === 0) return undefined
    const widest = room.indexOf(most)
    widths[widest] = (widths[widest] ?? 0) - 1
    excess -= 1
  }
  return { colWidths: widths, wordWrap: true }
}

function columnsOf(rows: readonly (readonly (string | number)[])[]): string[][] {
  const count = Math.max(...rows.map(({ length }) => length))
  return Array.from({ length: count }, (_, n) =>
    rows.map((row) => stripVTControlCharacters(String(row[n] ?? ''))),
  )
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
