import type { Change, Outcome } from './entries-store.js'
import { entryText, type PlacedEntry } from './shared-entry.js'

/** Changes that wait while the store is away; an attacker must not fill the memory with them. */
const MOST = 10_000

/** Maximum number of changes in one call. */
const PER_CALL = 200

export interface Waiting extends Change {
  /**
   * Called once, with what the store said, or because a later change of the same entry replaced it.
   */
  readonly settle: (outcome: Outcome | 'overtaken') => void
}

/** Changes of this instance that the store has not confirmed: the last one for each entry. */
export class Outbox {
  readonly #waiting = new Map<string, Waiting>()

  get size(): number {
    return this.#waiting.size
  }

  get isFull(): boolean {
    return this.#waiting.size >= MOST
  }

  put(change: Waiting): void {
    const key = entryText(change.entry.prefix)
    this.#waiting.get(key)?.settle('overtaken')
    // Taken out first, so that it stands last: of two changes of one entry the order counts.
    this.#waiting.delete(key)
    this.#waiting.set(key, change)
  }

  has({ prefix }: Pick<PlacedEntry, 'prefix'>): boolean {
    return this.#waiting.size > 0 && this.#waiting.has(entryText(prefix))
  }

  /** Takes out a change that is older than one of the same entry by more than `slack` milliseconds. */
  giveWayTo({ prefix, held }: PlacedEntry, slack: number): void {
    if (this.#waiting.size === 0) return
    const key = entryText(prefix)
    const waiting = this.#waiting.get(key)
    if (waiting === undefined || held.added <= waiting.entry.held.added + slack) return
    this.#waiting.delete(key)
    waiting.settle('overtaken')
  }

  /** Moves the times of a change whose clock was wrong, and takes it out if it is over by then. */
  shift(key: string, by: number, now: number): void {
    const change = this.#waiting.get(key)
    if (change === undefined) return
    const { held } = change.entry
    const added = Math.min(held.added + by, now)
    const expires = held.expires === undefined ? undefined : held.expires + by
    const entry = { ...change.entry, held: { ...held, added, expires } }
    if (expires === undefined || expires > now) this.#waiting.set(key, { ...change, entry })
    else this.#waiting.delete(key)
  }

  /** The oldest ones. They stay until they are settled. */
  next(): readonly Waiting[] {
    const oldest: Waiting[] = []
    for (const change of this.#waiting.values()) {
      if (oldest.push(change) === PER_CALL) break
    }
    return oldest
  }

  /** Takes out what the store has confirmed, unless it has been changed again meanwhile. */
  settle(sent: readonly Waiting[], outcomes: readonly Outcome[]): void {
    for (const [i, change] of sent.entries()) {
      const key = entryText(change.entry.prefix)
      if (this.#waiting.get(key) === change) this.#waiting.delete(key)
      change.settle(outcomes[i] ?? 'nothing')
    }
  }

  values(): Iterable<Change> {
    return this.#waiting.values()
  }
}
