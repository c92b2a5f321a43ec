/** Bytes of a line that are kept: a HAR may be one line. */
const MAX_LINE = 256 * 1024 * 1024
const LINE_FEED = 10

export interface Line {
  /** Without its end. */
  readonly text: string
  readonly raw: Buffer
  /** Longer than what is kept. */
  readonly cut: boolean
}

/** The lines of a byte stream. */
export async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Line, void> {
  let parts: Buffer[] = []
  let size = 0
  const take = (): Line => {
    const raw = Buffer.concat(parts)
    const cut = size > raw.length
    parts = []
    size = 0
    return { raw, text: raw.toString('utf8').replace(/\r?\n$/, ''), cut }
  }
  const keep = (bytes: Buffer): void => {
    size += bytes.length
    if (size <= MAX_LINE) parts.push(bytes)
  }
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk)
    let start = 0
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      keep(bytes.subarray(start, end + 1))
      start = end + 1
      yield take()
    }
    if (start < bytes.length) keep(bytes.subarray(start))
  }
  if (size > 0) yield take()
}
