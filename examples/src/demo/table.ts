/** A column: its title, one line or several, and how wide it is at least. */
export interface Column {
  readonly title: string
  readonly width?: number
}

/** A cell: its lines, and how they look on a terminal. */
export interface Cell {
  readonly lines: readonly string[]
  readonly style?: Style | undefined
}

export type Style = (text: string) => string

const GAP = '  '

/** Rows of cells under their titles, aligned; each row as high as its highest cell. */
export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  titleStyle: Style,
): string {
  const widths = columns.map(({ title, width = 0 }, i) =>
    Math.max(title.length, width, ...rows.flatMap((row) => lengths(row[i]))),
  )
  const head = columns.map(({ title }) => ({ lines: [title], style: titleStyle }))
  const rule = columns.map((_, i) => ({ lines: ['─'.repeat(widths[i] ?? 0)], style: titleStyle }))
  return [head, rule, ...rows].map((row) => rowText(row, widths)).join('\n')
}

function lengths(cell: Cell | undefined): number[] {
  return (cell?.lines ?? []).map((line) => line.length)
}

function rowText(row: readonly Cell[], widths: readonly number[]): string {
  const height = Math.max(...row.map(({ lines }) => lines.length))
  return Array.from({ length: height }, (_, line) => lineText(row, widths, line)).join('\n')
}

/** Pads before it styles: a terminal's control sequences have no width. */
function lineText(row: readonly Cell[], widths: readonly number[], line: number): string {
  const cells = row.map(({ lines, style }, i) => {
    const text = lines[line] ?? ''
    const padding = ' '.repeat((widths[i] ?? 0) - text.length)
    return (style !== undefined && text !== '' ? style(text) : text) + padding
  })
  return cells.join(GAP).trimEnd()
}
