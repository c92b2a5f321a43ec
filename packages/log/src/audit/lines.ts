import { createReadStream } from 'node:fs'

/**
 * Longer lines are cut into pieces of this size, in bytes: no trail has them, and no export of logs.
 */
const MAX_LINE = 8 * 1_048_576

/** A line without `\n`, each byte as one character (`latin1`). */
export interface Line {
  readonly text: string
  /** False for a last line without a line end, and for a piece of a line that is too long. */
  readonly ended: boolean
  /** Of a copy in another format, where a crash leaves no unfinished line. */
  readonly isCopy?: true | undefined
}

/** The lines of a text. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line> {
  let rest = ''
  for await (const chunk of chunks) {
    rest += Buffer.from(chunk).toString('latin1')
    let start = 0
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
      yield { text: rest.slice(start, end), ended: true }
      start = end + 1
    }
    rest = rest.slice(start)
    if (rest.length > MAX_LINE) {
      yield { text: rest, ended: false }
      rest = ''
    }
  }
  if (rest !== '') yield { text: rest, ended: false }
}

/** The text of a trail: file names in their order, oldest first, or the bytes themselves. */
export type AuditSource = string | readonly string[] | AsyncIterable<Uint8Array | string>

export async function* bytesOf(source: AuditSource): AsyncGenerator<Uint8Array | string> {
  if (typeof source === 'string') yield* createReadStream(source)
  else if (Array.isArray(source)) for (const path of source) yield* createReadStream(path)
  else yield* source as AsyncIterable<Uint8Array | string>
}
