/** What both `ServerResponse` and `Http2ServerResponse` have, as far as it is needed here. */
export interface WatchedResponse {
  readonly headersSent: boolean
  readonly writableEnded: boolean
  readonly writableFinished: boolean
  /** HTTP/2 only. */
  readonly stream?: unknown
  statusCode: number
  write: unknown
  end: unknown
  on(event: 'finish' | 'close', listener: () => void): unknown
}

/** How a response ended. */
export interface ResponseEnd {
  /** Undefined if not even the head was sent. */
  readonly status: number | undefined
  /** Body bytes handed over for sending; on an abort fewer may have arrived. */
  readonly bytes: number
  /** Milliseconds since the watch began. */
  readonly duration: number
  readonly aborted: boolean
}

/**
 * Calls `onEnd` once: when the response was handed over completely, or when its connection closed
 * before that. Counts the body where it is written, after any compression, because neither the
 * socket nor `content-length` knows it for all responses.
 */
export function watchResponse(
  response: WatchedResponse,
  method: string,
  onEnd: (end: ResponseEnd) => void,
): void {
  const started = performance.now()
  const counted = countBody(response)
  let ended = false
  const end = (event: 'finish' | 'close'): void => {
    if (ended) return
    ended = true
    const aborted = !isComplete(response, event)
    const status = response.headersSent ? response.statusCode : undefined
    const bytes = hasBody(method, status) ? counted() : 0
    onEnd({ status, bytes, duration: performance.now() - started, aborted })
  }
  response.on('finish', () => end('finish'))
  response.on('close', () => end('close'))
}

/**
 * HTTP/2 emits `finish` for every stream that closes, and calls one finished even if nothing was
 * ever written to it. The response to an injected request emits it too early to be called finished.
 */
function isComplete(
  { stream, writableEnded, writableFinished }: WatchedResponse,
  event: 'finish' | 'close',
): boolean {
  const isHttp1Finish = event === 'finish' && stream === undefined
  return writableEnded && (writableFinished || isHttp1Finish)
}

/** RFC 9110 sections 6.4.1 and 9.3.2: whatever the handler writes, these responses have no content. */
function hasBody(method: string, status: number | undefined): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304 && status !== undefined
}

type Call = (this: unknown, chunk: unknown, encoding: unknown, callback: unknown) => unknown

/** Puts counting functions over `write` and `end`; returns the count so far. */
function countBody(response: WatchedResponse): () => number {
  let bytes = 0
  let inEnd = false
  const write = response.write as Call
  const end = response.end as Call
  const countingWrite: Call = function (chunk, encoding, callback) {
    if (!inEnd) bytes += byteLength(chunk, encoding)
    return write.call(this, chunk, encoding, callback)
  }
  const countingEnd: Call = function (chunk, encoding, callback) {
    bytes += byteLength(chunk, encoding)
    // HTTP/2's `end` calls `write`, HTTP/1's does not.
    inEnd = true
    try {
      return end.call(this, chunk, encoding, callback)
    } finally {
      inEnd = false
    }
  }
  response.write = countingWrite
  response.end = countingEnd
  return () => bytes
}

function byteLength(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, isEncoding(encoding) ? encoding : 'utf8')
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value)
}
