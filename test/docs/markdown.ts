/** A row of a table, by the head of its columns. */
export type Row = Readonly<Record<string, string>>

/** The part of a page under a heading, up to the next heading of the same or a higher level. */
export function section(page: string, heading: string): string {
  const lines = page.split('\n')
  const start = lines.indexOf(heading)
  if (start === -1) throw new Error(`no heading '${heading}'`)
  const level = heading.indexOf(' ')
  let isCode = false
  const length = lines.slice(start + 1).findIndex((line) => {
    // A comment of a shell looks like a heading.
    if (line.startsWith('```')) isCode = !isCode
    const hashes = /^#+(?= )/.exec(line)?.[0].length
    return !isCode && hashes !== undefined && hashes <= level
  })
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n')
}

/** The rows of the first table in a text. */
export function tableIn(text: string): Row[] {
  const [head = [], , ...rows] = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.slice(1, line.lastIndexOf('|')).split('|'))
    .map((cells) => cells.map((cell) => cell.trim()))
  return rows.map((cells) => Object.fromEntries(head.map((name, i) => [name, cells[i] ?? ''])))
}

/** The first code span of a cell, its blanks kept. */
export function code(cell: string): string {
  const found = /`([^`]*)`/.exec(cell)
  if (found?.[1] === undefined) throw new Error(`no code in '${cell}'`)
  return found[1]
}
