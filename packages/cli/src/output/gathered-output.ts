import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** Bytes that are written at once. */
const GATHERED = 65_536

/** Writes a stream of any length: as fast as it is read, and not on once nobody reads. */
export class GatheredOutput {
  readonly #stream: Writable
  #parts: Uint8Array[] = []
  #size = 0
  #isGone = false

  constructor(stream: Writable) {
    this.#stream = stream
    // As from `… | head`; the program's own listener says what else it may be.
    for (const event of ['error', 'close']) stream.once(event, () => (this.#isGone = true))
  }

  /** Nobody reads any more. */
  get isGone(): boolean {
    return this.#isGone
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#parts.push(bytes)
    this.#size += bytes.length
    if (this.#size >= GATHERED) await this.flush()
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#parts)
    this.#parts = []
    this.#size = 0
    if (bytes.length === 0 || this.#isGone || this.#stream.write(bytes)) return
    const ended = new AbortController()
    const signal = ended.signal
    const turns = ['drain', 'close', 'error'].map((event) => once(this.#stream, event, { signal }))
    await Promise.race(turns).catch(() => {})
    ended.abort()
    await Promise.allSettled(turns)
  }
}
