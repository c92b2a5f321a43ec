import { inputBytes } from '../evidence/file-bytes.js'
import { unzipped } from '../evidence/unzip.js'
import { printable } from '../output/printable.js'
import type { Terminal } from '../output/terminal.js'

const LINE_FEED = 0x0a

/** The bytes of several files as if of one, decompressed if they are gzip, and which file and line each line comes from. */
export class FileLines {
  readonly #starts: { readonly file: string; readonly before: number }[] = []

  readonly #terminal: Terminal

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  async *bytesOf(files: readonly string[]): AsyncGenerator<Uint8Array> {
    let lines = 0
    for (const file of files) {
      this.#starts.push({ file, before: lines })
      for await (const bytes of unzipped(inputBytes(file, this.#terminal))) {
        for (const byte of bytes) if (byte === LINE_FEED) lines++
        yield bytes
      }
    }
  }

  /** `audit.jsonl:17` for a line, counted from 1 over all the files. */
  place(line: number): string {
    const start = this.#starts.findLast(({ before }) => before < line)
    return start === undefined ? '' : `${printable(start.file)}:${line - start.before}`
  }
}
