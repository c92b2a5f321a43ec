import type { Prefix } from '@truehop/ip'
import { ENTRIES_PER_SLICE, type Slices } from '@truehop/ip/internal'
import type { Ahead } from './entries-store.js'
import type { KnownEntries } from './known-entries.js'
import { entryText } from './shared-entry.js'

/** Milliseconds by which clocks may have drifted while an instance was down. */
const DRIFT = 2000

/**
 * The times of a copy, which are right if nobody set the wall clock between its writing and its
 * reading: the store's clock shows that.
 */
export class CopiedTimes {
  readonly #known: KnownEntries
  #ahead: number | undefined
  /** Changes and removals of the copy, until the store has answered. */
  #copied: Set<string> | undefined

  constructor(known: KnownEntries) {
    this.#known = known
  }

  /** Milliseconds by which the server's clock is ahead of `performance.now()`, as far as is known. */
  get ahead(): number | undefined {
    return this.#ahead
  }

  /** Whether the store has not shown yet that the times of the copy are right. */
  get isUnsure(): boolean {
    return this.#copied !== undefined
  }

  /** Times of the copy that is taken up are right if the server's clock is this far ahead. */
  assume(ahead: number): void {
    this.#ahead = ahead
    this.#copied = new Set()
    this.#known.held.assume()
  }

  /** A change or removal of the copy. */
  add(prefix: Prefix): void {
    this.#copied?.add(entryText(prefix))
  }

  /** What is said of it now was made here since. */
  forget(prefix: Prefix): void {
    this.#copied?.delete(entryText(prefix))
  }

  /** True if the wall clock was set: the times were wrong, and are right now. */
  *correct({ most, least }: Ahead): Slices<boolean> {
    const [copied, before, ahead] = [this.#copied, this.#ahead, (most + least) / 2]
    const isWrong =
      copied !== undefined &&
      before !== undefined &&
      (before < least - DRIFT || before > most + DRIFT)
    if (copied !== undefined) yield* this.#shift(copied, isWrong ? before - ahead : 0)
    this.#ahead = ahead
    this.#copied = undefined
    return isWrong
  }

  /** Also by nothing: removals that seem to come after this moment, and changes that are over. */
  *#shift(copied: ReadonlySet<string>, by: number): Slices<undefined> {
    const { held, outbox, removals } = this.#known
    held.shiftCopied(by)
    let shifted = 0
    for (const key of copied) {
      removals.shift(key, by, performance.now())
      outbox.shift(key, by, performance.now())
      if (++shifted % ENTRIES_PER_SLICE === 0) yield
    }
    return undefined
  }
}
