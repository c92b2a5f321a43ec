import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { messageOf, UsageError } from '../program/usage-error.js'

/** The magic number of gzip, RFC 1952 section 2.3.1. */
const GZIP = Buffer.from([0x1f, 0x8b])

/**
 * The bytes of a source, decompressed if they are gzip, whatever its name is.
 *
 * @throws {UsageError} if the compressed bytes are damaged or end too early.
 */
export async function* unzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let size = 0
  while (size < GZIP.length) {
    const next = await chunks.next()
    if (next.done === true) break
    first.push(next.value)
    size += next.value.length
  }
  const start = Buffer.concat(first)
  const all = rejoined(start, { [Symbol.asyncIterator]: () => chunks })
  if (start.subarray(0, GZIP.length).equals(GZIP)) yield* gunzipped(all)
  else yield* all
}

async function* rejoined(
  start: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (start.length > 0) yield start
  yield* rest
}

async function* gunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // Errors of either stream end the iteration below.
  const stream = pipeline(Readable.from(source), createGunzip(), () => {})
  try {
    yield* stream
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`the compressed input cannot be read: ${messageOf(error)}`)
  }
}
