import { TruehopError } from '@truehop/ip'
import { ENTRIES_PER_SLICE, type Slices } from '@truehop/ip/internal'

/** Maximum number of entries in one list. */
export const MAX_ENTRIES = 2_000_000

/** Maximum UTF-16 units in one line. */
const MAX_LINE = 16_384

/** A list that is not of its format. */
export class RangesFormatError extends TruehopError {
  override readonly name = 'RangesFormatError'
  readonly code = 'list-format'
}

/**
 * Passes each non-empty line, without its line end, to `take`, of a text that comes in pieces of
 * about 64 KiB. In slices of at most one piece, and of no more lines than take about a millisecond.
 */
export function* rangesLines(
  pieces: Iterable<string>,
  take: (line: string) => void,
): Slices<undefined> {
  let rest = ''
  let lines = 0
  for (const piece of pieces) {
    const text = rest + piece
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      takeLine(text, start, end, take)
      start = end + 1
      if (++lines % ENTRIES_PER_SLICE === 0) yield
    }
    rest = text.slice(start)
    checkLength(rest.length)
    yield
  }
  takeLine(rest, 0, rest.length, take)
}

function takeLine(text: string, start: number, end: number, take: (line: string) => void): void {
  checkLength(end - start)
  if (end === start) return
  take(text.slice(start, text.charCodeAt(end - 1) === 0x0d ? end - 1 : end))
}

function checkLength(length: number): void {
  if (length > MAX_LINE) throw new RangesFormatError(`has a line of over ${MAX_LINE} characters`)
}
