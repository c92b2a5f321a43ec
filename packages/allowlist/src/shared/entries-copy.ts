import { FileTurn, inSlices, keptCopyIn, within, writeKept } from '@truehop/identity/adapter'
import { copyPieces, takeUpCopy } from './copy-lines.js'
import type { Synchronizer } from './synchronizer.js'

/** Maximum bytes of a copy: more than five million entries have. */
const MOST_BYTES = 512 * 2 ** 20

/** Milliseconds in which a copy must have been written; a disk may hang. */
const DEADLINE = 10 * 60_000

/** Milliseconds in which it must have been read: the store is asked after that. */
const READ_WITHIN = 15_000

/** Milliseconds that the end of a service waits for the copy. */
const FINISHED_WITHIN = 20_000

/** Milliseconds between two copies; more where writing one takes long. */
const EVERY = 30_000
const TIMES_ITS_WRITING = 20

/** Milliseconds after which a copy is written anew although nothing has changed, for its age. */
const OLDEST = 3_600_000

/** What one instance knows of the entries, in a file for the time after its next start. */
export class EntriesCopy {
  /** Why the file could not be read or written. */
  lastError: string | undefined
  readonly #path: string
  readonly #name: string
  readonly #sync: Synchronizer
  readonly #turn = new FileTurn(DEADLINE)
  #writing: Promise<void> | undefined
  #isRead = false
  /** `changes` of what the file has. One that could not be read stays until there is something new. */
  #written = 0
  #due = Number.NEGATIVE_INFINITY
  #writtenAt = performance.now()

  constructor(path: string, name: string, sync: Synchronizer) {
    this.#path = path
    this.#name = name
    this.#sync = sync
  }

  /** Puts the copy in force. Returns when it was written; undefined if there is none. */
  async takeUp(): Promise<number | undefined> {
    try {
      const reading = this.#turn.take(() => keptCopyIn(this.#path, MOST_BYTES))
      const copy = await within(READ_WITHIN, reading)
      if (copy === undefined) throw new Error('does not begin like a copy')
      await inSlices(takeUpCopy(copy.bytes, this.#name, this.#sync))
      return Math.min(copy.updatedAt, Date.now())
    } catch (error) {
      if (!isMissing(error)) this.#failed(error)
      return undefined
    } finally {
      this.#isRead = true
    }
  }

  writeIfDue(): void {
    const now = performance.now()
    if (now < this.#due || !this.#isOld(now)) return
    this.#write()
  }

  /** Resolves when the file has what is known now, or after 20 seconds. */
  async finish(): Promise<void> {
    await within(FINISHED_WITHIN, this.#finish()).catch((error: unknown) => this.#failed(error))
  }

  async #finish(): Promise<void> {
    await this.#writing
    if (this.#isRead && this.#written !== this.#sync.changes) await this.#write()
  }

  #isOld(now: number): boolean {
    return this.#written !== this.#sync.changes || now - this.#writtenAt > OLDEST
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeOnce().finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  async #writeOnce(): Promise<void> {
    const began = performance.now()
    const { changes } = this.#sync
    const bytes = copyPieces(this.#name, this.#sync, MOST_BYTES)
    const copy = { bytes, etag: undefined, updatedAt: Date.now() }
    try {
      await this.#turn.take(() => writeKept(this.#path, copy))
      this.#written = changes
      this.#writtenAt = began
      this.lastError = undefined
    } catch (error) {
      this.#failed(error)
    }
    const now = performance.now()
    this.#due = now + Math.max(EVERY, TIMES_ITS_WRITING * (now - began))
  }

  #failed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    this.lastError = `the copy in ${this.#path}: ${why}`
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
