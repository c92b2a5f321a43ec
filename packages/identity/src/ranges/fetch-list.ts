import { TruehopError } from '@truehop/ip'
import { CollectedBytes, type ListBytes, MAX_LIST_BYTES } from './list-bytes.js'
import { withDeadline } from './with-deadline.js'

/** Milliseconds for a whole answer. */
const TIMEOUT = 15_000

/** A list as fetched. */
export interface FetchedList {
  readonly bytes: ListBytes
  readonly etag: string | undefined
}

/** An answer that is not a list. */
export class FetchError extends TruehopError {
  override readonly name = 'FetchError'
  readonly code = 'list-unavailable'
}

/**
 * Fetches a list, or undefined if it has not changed since `etag`. Redirects are refused: only the
 * URL in the configuration is trusted. Bounded in size and time, even for answers that trickle.
 * `headers` are sent with the request.
 *
 * @throws {FetchError} or the error of the connection.
 */
export async function fetchList(
  url: URL,
  etag: string | undefined,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<FetchedList | undefined> {
  const sent = etag === undefined ? headers : { ...headers, 'if-none-match': etag }
  return await withDeadline(TIMEOUT, signal, (until) => fetched(url, etag, until, sent))
}

async function fetched(
  url: URL,
  etag: string | undefined,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>>,
): Promise<FetchedList | undefined> {
  const response = await fetch(url, { headers, redirect: 'manual', signal })
  if (response.status === 304 && etag !== undefined) {
    await response.body?.cancel()
    return undefined
  }
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new FetchError(`answered ${response.status}`)
  }
  return { bytes: await boundedBytes(response), etag: response.headers.get('etag') ?? undefined }
}

/** Chunks after which requests get their turn: many small ones can come in one read. */
const CHUNKS_PER_TURN = 64

async function boundedBytes(response: Response): Promise<ListBytes> {
  const bytes = new CollectedBytes()
  let chunks = 0
  for await (const chunk of response.body ?? []) {
    bytes.add(chunk)
    if (bytes.length > MAX_LIST_BYTES) {
      throw new FetchError(`is larger than ${MAX_LIST_BYTES} bytes`)
    }
    if (++chunks % CHUNKS_PER_TURN === 0) await new Promise((turn) => setImmediate(turn))
  }
  return bytes.end()
}
