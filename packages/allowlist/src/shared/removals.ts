import type { Prefix } from '@truehop/ip'
import { entryText } from './shared-entry.js'

/** Removals that are remembered; the oldest goes first. */
const MOST = 50_000

/** Notes for which one iterator is kept. */
const RENEWED_AFTER = 1000

/** That an entry was removed. */
export interface Removal {
  readonly prefix: Prefix
  /** On the clock of `performance.now()`, as is `expires`. */
  readonly removed: number
  /** When the entry would have expired: nobody brings it back after that. */
  readonly expires: number | undefined
  /** JSON of why, and who removed it. */
  readonly about: string
}

/**
 * What was removed. An instance that did not hear of it, or a store that was put back to an earlier
 * state, would bring the entry back.
 */
export class Removals {
  readonly #removals = new Map<string, Removal>()
  /**
   * Behind the one that went last: to begin anew would pass all places that have become free. Not kept
   * for ever, as an iterator that is not asked keeps every table that the map has outgrown since.
   */
  #oldest = this.#removals.keys()
  #notes = 0

  get size(): number {
    return this.#removals.size
  }

  /** Of two notes of one removal, both the later time and the known expiry count. */
  note(removal: Removal): void {
    const key = entryText(removal.prefix)
    const before = this.#removals.get(key)
    const removed = Math.max(removal.removed, before?.removed ?? removal.removed)
    const expires = removal.expires ?? before?.expires
    this.#removals.delete(key)
    this.#removals.set(key, { ...removal, removed, expires })
    this.#notes = (this.#notes + 1) % RENEWED_AFTER
    if (this.#notes === 0) this.#oldest = this.#removals.keys()
    if (this.#removals.size > MOST) this.#dropOldest()
  }

  #dropOldest(): void {
    const { value: oldest } = this.#oldest.next()
    if (oldest !== undefined) this.#removals.delete(oldest)
  }

  forget(prefix: Prefix): void {
    if (this.#removals.size > 0) this.#removals.delete(entryText(prefix))
  }

  /** The removal that came after an entry was added, if one did. */
  after(prefix: Prefix, added: number, now: number): Removal | undefined {
    if (this.#removals.size === 0) return undefined
    const removal = this.#removals.get(entryText(prefix))
    if (removal === undefined || removal.removed <= added) return undefined
    const { expires } = removal
    return expires !== undefined && expires <= now ? undefined : removal
  }

  /** Moves the times of removals whose clock was wrong; none is later than now. */
  shift(keys: Iterable<string>, by: number, now: number): void {
    for (const key of keys) {
      const removal = this.#removals.get(key)
      if (removal === undefined) continue
      const { removed, expires } = removal
      const moved = { removed: Math.min(removed + by, now), expires: expires && expires + by }
      this.#removals.set(key, { ...removal, ...moved })
    }
  }

  /** Live, the oldest first. */
  values(): Iterable<Removal> {
    return this.#removals.values()
  }
}
