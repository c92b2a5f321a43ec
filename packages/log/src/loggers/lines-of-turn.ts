/** What takes text, such as `pino.destination()`. */
export interface Sink {
  write(text: string): unknown
}

/** Characters. From there on, writing more at once saves next to nothing. */
const ENOUGH = 8192

/** Those with lines that are not written yet, for when the process ends within the turn. */
const unwritten = new Set<LinesOfTurn>()
let isWatchingExit = false

/**
 * Collects the lines of one turn of the event loop, and writes them together at its end: one system
 * call for all the responses that end within a turn, and not one for each.
 *
 *     turn:  response ── add ┐
 *            response ── add ┤
 *            response ── add ┴─> setImmediate, or the process ends ──> one write
 *
 * Only for sinks with a file descriptor (pino's destinations, standard output, files): they take
 * bytes. To others, such as a function of a test, each write may be one line.
 */
export class LinesOfTurn {
  readonly #sink: Sink
  readonly #takesBytes: boolean
  #text = ''

  constructor(sink: Sink) {
    this.#sink = sink
    this.#takesBytes = typeof Reflect.get(sink, 'fd') === 'number'
  }

  add(line: string): void {
    if (!this.#takesBytes) {
      this.#sink.write(line)
      return
    }
    if (this.#text === '') this.#begin()
    this.#text += line
    if (this.#text.length >= ENOUGH) this.write()
  }

  /** Writes what was added since. */
  readonly write = (): void => {
    const text = this.#text
    if (text === '') return
    this.#text = ''
    unwritten.delete(this)
    // Closed within the turn. It would throw, where nobody can catch it.
    if (Reflect.get(this.#sink, 'destroyed') !== true) this.#sink.write(text)
  }

  #begin(): void {
    unwritten.add(this)
    setImmediate(this.write)
    if (isWatchingExit) return
    isWatchingExit = true
    // Before those of destinations that write out what they hold.
    process.prependListener('exit', writeAll)
  }
}

function writeAll(): void {
  for (const lines of unwritten) lines.write()
}
