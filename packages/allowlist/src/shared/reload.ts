import { inSlices, within } from '@truehop/identity/adapter'
import { ENTRIES_PER_SLICE, type Slices } from '@truehop/ip/internal'
import { type EntriesStore, NOWHERE, type Page } from './entries-store.js'
import type { HeldEntries } from './held-entries.js'
import type { KnownEntries } from './known-entries.js'
import { isOver, type PlacedEntry } from './shared-entry.js'

/** Entries that are restored to the store in one call. */
const RESTORED_PER_CALL = 200

/** Reads all entries anew, page by page, beside what is in force meanwhile. */
export class Reload {
  readonly #known: KnownEntries
  readonly #store: EntriesStore
  /** Milliseconds. */
  readonly #deadline: number

  constructor(known: KnownEntries, store: EntriesStore, deadline: number) {
    this.#known = known
    this.#store = store
    this.#deadline = deadline
  }

  /** Rejects if the store does not answer: what is in force stays. */
  async run(status: 'behind' | 'lost'): Promise<void> {
    const fresh = this.#known.empty()
    for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
      const page: Page = await within(this.#deadline, this.#store.page(cursor))
      await inSlices(this.#take(page, fresh))
      cursor = page.next
    }
    if (status === 'lost') await this.#restore(fresh)
    await inSlices(this.#replaceBy(fresh))
  }

  *#take({ entries }: Page, fresh: HeldEntries): Slices<undefined> {
    const now = performance.now()
    for (const [i, entry] of entries.entries()) {
      this.#known.outbox.giveWayTo(entry, this.#deadline)
      if (!this.#known.isUndone(entry)) fresh.put(entry, now)
      if (i % ENTRIES_PER_SLICE === ENTRIES_PER_SLICE - 1) yield
    }
    return undefined
  }

  /** Gives the store back what is known here and lost there. */
  async #restore(fresh: HeldEntries): Promise<void> {
    const known = this.#known.held.placed()
    for (;;) {
      const lost = await inSlices(this.#missingFrom(fresh, known))
      if (lost.length === 0) return
      const changes = lost.map((entry) => ({ kind: 'add', entry, restore: true }) as const)
      await within(this.#deadline, this.#store.exchange(NOWHERE, changes))
      for (const entry of lost) fresh.put(entry, performance.now())
    }
  }

  /** The next entries that are known here and not there; none after the last. */
  *#missingFrom(fresh: HeldEntries, known: Iterator<PlacedEntry>): Slices<PlacedEntry[]> {
    const now = performance.now()
    const missing: PlacedEntry[] = []
    for (let looked = 1; missing.length < RESTORED_PER_CALL; looked++) {
      const { done, value } = known.next()
      if (done === true) break
      const isThere = fresh.has(value.prefix, now) || this.#known.outbox.has(value)
      if (!isOver(value, now) && !isThere) missing.push(value)
      if (looked % ENTRIES_PER_SLICE === 0) yield
    }
    return missing
  }

  /**
   * Puts `fresh` in force, with what is still to be sent. What is changed here between two slices
   * stands last in the outbox, so that this comes to it as well.
   */
  *#replaceBy(fresh: HeldEntries): Slices<undefined> {
    const now = performance.now()
    let taken = 0
    for (const { kind, entry } of this.#known.outbox.values()) {
      if (kind === 'add') fresh.put(entry, now)
      else fresh.drop(entry.prefix)
      if (++taken % ENTRIES_PER_SLICE === 0) yield
    }
    this.#known.replace(fresh)
    return undefined
  }
}
