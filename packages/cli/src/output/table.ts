import Table from 'cli-table3'

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

/** Aligned columns without lines; `head` above them. Colours in a cell do not count as width. */
export function table(
  rows: readonly (readonly (string | number)[])[],
  head: string[] = [],
): string {
  const made = new Table({
    head,
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) made.push([...row])
  const lines = made.toString().split('\n')
  return lines.map((line) => line.trimEnd()).join('\n')
}
