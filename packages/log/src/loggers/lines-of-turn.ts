/** What takes text, such as `pino.destination()`. */
export interface Sink {
  write(text: string): unknown
}

/**
 * Bytes that are written together: what a pipe takes as a whole (PIPE_BUF of Linux). Of more, a part
 * may be written, and then what another worker writes to the same standard output.
 */
const AT_ONCE = 4096

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
  #bytes = 0

  constructor(sink: Sink) {
    this.#sink = sink
    this.#takesBytes = typeof Reflect.get(sink, 'fd') === 'number'
  }

  add(line: string): void {
    if (!this.#takesBytes) {
      this.#sink.write(line)
      return
    }
    const bytes = Buffer.byteLength(line)
    if (this.#bytes + bytes > AT_ONCE) this.write()
    if (this.#bytes === 0) this.#begin()
    this.#text += line
    this.#bytes += bytes
  }

  /** Writes what was added since. */
  readonly write = (): void => {
    const text = this.#text
    if (text === '') return
    this.#text = ''
    this.#bytes = 0
    unwritten.delete(this)
    if (!isClosed(this.#sink)) this.#sink.write(text)
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

/** Closed within the turn. It would throw, or emit an error, where nobody can catch it. */
function isClosed(sink: Sink): boolean {
  return Reflect.get(sink, 'destroyed') === true || Reflect.get(sink, 'writableEnded') === true
}

function writeAll(): void {
  for (const lines of unwritten) {
    try {
      lines.write()
    } catch {
      // The process ends. One that can no longer be written to must not cost the others theirs.
    }
  }
}
