import { performance } from 'node:perf_hooks'

/** What both `ServerResponse` and `Http2ServerResponse` have, as far as it is needed here. */
export interface WatchedResponse {
  readonly headersSent: boolean
  readonly writableEnded: boolean
  readonly writableFinished: boolean
  statusCode: number
  write: unknown
  end: unknown
  on(event: 'finish' | 'close', listener: () => void): unknown
}

/** How a response ended. */
export interface ResponseEnd {
  /** Undefined where not even the head was sent. */
  readonly status: number | undefined
  /** Body bytes handed over for sending; on an abort fewer may have arrived. */
  readonly bytes: number
  /** Milliseconds since the watch began. */
  readonly duration: number
  readonly aborted: boolean
}

/**
 * Calls `onEnd` once: when the response was handed over completely, or when its connection closed
 * before that. Counts the body where it is written, under every compression, because neither the
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
  const end = (): void => {
    if (ended) return
    ended = true
    const aborted = !isComplete(response)
    const status = response.headersSent ? response.statusCode : undefined
    const bytes = hasBody(method, status) ? counted() : 0
    onEnd({ status, bytes, duration: performance.now() - started, aborted })
  }
  response.on('finish', end)
  response.on('close', end)
}

/**
 * HTTP/2 emits `finish` for every stream that closes, and calls one finished to which nothing was
 * ever written.
 */
function isComplete({ writableEnded, writableFinished }: WatchedResponse): boolean {
  return writableEnded && writableFinished
}

/** RFC 9110 sections 6.4.1 and 9.3.2: whatever the handler writes, these responses have no content. */
function hasBody(method: string, status: number | undefined): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304 && status !== undefined
}

type Call = (this: unknown, ...args: readonly unknown[]) => unknown

/** Puts counting functions over `write` and `end`; returns the count so far. */
function countBody(response: WatchedResponse): () => number {
  let bytes = 0
  let inEnd = false
  const write = response.write as Call
  const end = response.end as Call
  response.write = function (this: unknown, ...args: readonly unknown[]) {
    if (!inEnd) bytes += byteLength(args[0], args[1])
    return Reflect.apply(write, this, args)
  }
  response.end = function (this: unknown, ...args: readonly unknown[]) {
    bytes += byteLength(args[0], args[1])
    // HTTP/2's `end` calls `write`, HTTP/1's does not.
    inEnd = true
    try {
      return Reflect.apply(end, this, args)
    } finally {
      inEnd = false
    }
  }
  return () => bytes
}

function byteLength(chunk: unknown, encoding: unknown): number {
  if (chunk instanceof Uint8Array) return chunk.byteLength
  if (typeof chunk !== 'string') return 0
  return Buffer.byteLength(chunk, isEncoding(encoding) ? encoding : 'utf8')
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value)
}
