import { styleText } from 'node:util'
import type { Style } from './table.js'

/** How things look: with colours on a terminal that has them, else plain. */
export interface Palette {
  readonly bold: Style
  readonly dim: Style
  readonly good: Style
  readonly warn: Style
  readonly bad: Style
}

const plain: Style = (text) => text

/** Colours only on a terminal, and only without NO_COLOR. */
export function paletteFor(stream: NodeJS.WriteStream): Palette {
  const coloured = stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === ''
  if (!coloured) return { bold: plain, dim: plain, good: plain, warn: plain, bad: plain }
  return {
    bold: (text) => styleText('bold', text),
    dim: (text) => styleText('dim', text),
    good: (text) => styleText('green', text),
    warn: (text) => styleText('yellow', text),
    bad: (text) => styleText('red', text),
  }
}
