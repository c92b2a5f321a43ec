import { RangesFormatError } from './lines.js'

/** Maximum bytes of a list. */
export const MAX_LIST_BYTES = 64 * 1024 * 1024

/** Bytes of one piece. */
export const PIECE = 65_536

/**
 * A list as received, in pieces of 64 KiB, the last one shorter: never in one piece, which takes
 * time to make.
 */
export type ListBytes = readonly Uint8Array[]

/**
 * Collects chunks of any size into pieces: a source that sends byte by byte must not cost an array
 * for each.
 */
export class CollectedBytes {
  readonly #pieces: Uint8Array[] = []
  #room = new Uint8Array(0)
  #used = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  add(chunk: Uint8Array): void {
    this.#length += chunk.length
    for (let at = 0; at < chunk.length; ) {
      if (this.#used === this.#room.length) this.#next()
      const part = chunk.subarray(at, at + this.#room.length - this.#used)
      this.#room.set(part, this.#used)
      this.#used += part.length
      at += part.length
    }
  }

  /** What was added. Nothing can be added after that. */
  end(): ListBytes {
    if (this.#used > 0) this.#pieces.push(this.#room.subarray(0, this.#used))
    return this.#pieces
  }

  #next(): void {
    if (this.#used > 0) this.#pieces.push(this.#room)
    this.#room = new Uint8Array(PIECE)
    this.#used = 0
  }
}

/**
 * The text of each piece, decoded on demand. Half a character waits for the next piece.
 *
 * @throws {RangesFormatError} if the bytes are not UTF-8, or end within a character.
 */
export function* textOf(bytes: ListBytes): Generator<string, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for (const piece of bytes) yield decoder.decode(piece, { stream: true })
    yield decoder.decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new RangesFormatError('is not valid UTF-8')
  }
}
