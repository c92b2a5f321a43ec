/** Maximum bytes kept of a line: a HAR may be one line. */
const MAX_LINE = 256 * 1024 * 1024
const LINE_FEED = 10
/** The mark with which some editors and shells begin a UTF-8 file: not part of its text. */
const BYTE_ORDER_MARK = Buffer.from('\ufeff')

export interface Line {
  /** Without its end. */
  readonly text: string
  readonly raw: Buffer
  /** Longer than the maximum. */
  readonly cut: boolean
}

/** The lines of a byte stream; of one longer than `maxLine` bytes only its beginning. */
export async function* linesOf(
  source: AsyncIterable<Uint8Array>,
  maxLine = MAX_LINE,
): AsyncGenerator<Line, void> {
  let parts: Buffer[] = []
  let size = 0
  let isFirst = true
  const take = (): Line => {
    const bytes = Buffer.concat(parts)
    const cut = size > bytes.length
    const raw = isFirst ? withoutMark(bytes) : bytes
    parts = []
    size = 0
    isFirst = false
    return { raw, text: raw.toString('utf8').replace(/\r?\n$/, ''), cut }
  }
  const keep = (bytes: Buffer): void => {
    size += bytes.length
    if (size <= maxLine) parts.push(bytes)
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

function withoutMark(bytes: Buffer): Buffer {
  const { length } = BYTE_ORDER_MARK
  return bytes.subarray(0, length).equals(BYTE_ORDER_MARK) ? bytes.subarray(length) : bytes
}
