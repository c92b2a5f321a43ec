/**
 * Work that can be paused and resumed, for sets so large that building one would keep a service
 * from answering: it yields after each short piece.
 */
export type Slices<T> = Generator<undefined, T>

/** Rows of one piece: some tenths of a millisecond. */
export const ROWS_PER_SLICE = 16_384

/** Entries of one piece: reading each takes about a microsecond. */
export const ENTRIES_PER_SLICE = 512

/** Does the work in one go. */
export function atOnce<T>(work: Slices<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

/**
 * Calls `piece` for the rows from 0 to `rows`, a slice at a time: the first row, and the one after
 * the last.
 */
export function* eachSlice(
  rows: number,
  piece: (from: number, to: number) => void,
): Slices<undefined> {
  for (let from = 0; from < rows; from += ROWS_PER_SLICE) {
    piece(from, Math.min(rows, from + ROWS_PER_SLICE))
    yield
  }
}
