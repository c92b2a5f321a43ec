import { TruehopError } from '@truehop/ip'
import type { Slices } from '@truehop/ip/internal'

/** Entries of one list, at most. */
export const MAX_ENTRIES = 2_000_000

/** UTF-16 units of one line, at most. */
const MAX_LINE = 16_384

/** Lines, and UTF-16 units, of one piece of work. */
const LINES_PER_SLICE = 2048
const UNITS_PER_SLICE = 65_536

/** A list that is not of its format. */
export class RangesFormatError extends TruehopError {
  override readonly name = 'RangesFormatError'
  readonly code = 'list-format'
}

/** Gives `take` each line of a text that is not empty, without its line end, in slices. */
export function* rangesLines(text: string, take: (line: string) => void): Slices<undefined> {
  let lines = 0
  let sliceEnd = UNITS_PER_SLICE
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    if (end - start > MAX_LINE) {
      throw new RangesFormatError(`has a line of over ${MAX_LINE} characters`)
    }
    if (end > start) take(text.slice(start, text.charCodeAt(end - 1) === 0x0d ? end - 1 : end))
    start = end + 1
    if (++lines % LINES_PER_SLICE !== 0 && start < sliceEnd) continue
    sliceEnd = start + UNITS_PER_SLICE
    yield
  }
}
