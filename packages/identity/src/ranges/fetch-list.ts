import { TruehopError } from '@truehop/ip'

/** Bytes of a list, at most. */
export const MAX_LIST_BYTES = 64 * 1024 * 1024

/** Milliseconds for a whole answer. */
const TIMEOUT = 15_000

/** A list as fetched. */
export interface FetchedList {
  readonly text: string
  readonly etag: string | undefined
}

/** An answer that is no list. */
export class FetchError extends TruehopError {
  override readonly name = 'FetchError'
  readonly code = 'list-unavailable'
}

/**
 * Gets a list, or undefined where it has not changed since `etag`. Redirects are refused: the
 * URL in the configuration is who is trusted. Bounded in size and time, also for answers that
 * trickle.
 *
 * @throws {FetchError} or the error of the connection.
 */
export async function fetchList(
  url: URL,
  etag: string | undefined,
  signal: AbortSignal,
): Promise<FetchedList | undefined> {
  const response = await fetch(url, {
    headers: etag === undefined ? {} : { 'if-none-match': etag },
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
  })
  if (response.status === 304 && etag !== undefined) {
    await response.body?.cancel()
    return undefined
  }
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new FetchError(`answered ${response.status}`)
  }
  return { text: await boundedText(response), etag: response.headers.get('etag') ?? undefined }
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const parts: string[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_LIST_BYTES) throw new FetchError(`is larger than ${MAX_LIST_BYTES} bytes`)
    parts.push(decoder.decode(chunk, { stream: true }))
  }
  parts.push(decoder.decode())
  return parts.join('')
}
