import type { Change } from './entries-store.js'
import { HeldEntries } from './held-entries.js'
import { Networks } from './networks.js'
import { Outbox } from './outbox.js'
import type { SharedEntriesSettings } from './read-options.js'
import { type Removal, Removals } from './removals.js'
import { entryText, type PlacedEntry } from './shared-entry.js'

/** What one instance knows: what is in force, what was removed, and what the store does not have yet. */
export class KnownEntries {
  readonly outbox = new Outbox()
  readonly removals = new Removals()
  readonly #settings: SharedEntriesSettings
  #held: HeldEntries
  #changes = 0

  constructor(settings: SharedEntriesSettings) {
    this.#settings = settings
    this.#held = this.empty()
  }

  get held(): HeldEntries {
    return this.#held
  }

  /** Differs when anything has changed in what is known here. */
  get changes(): number {
    return this.#changes
  }

  changed(): void {
    this.#changes++
  }

  /** To be filled beside what is in force. */
  empty(): HeldEntries {
    const { escalate, maxEntries } = this.#settings
    const networks = escalate.length === 0 ? undefined : new Networks(escalate)
    return new HeldEntries(networks, maxEntries)
  }

  replace(held: HeldEntries): void {
    this.#changes++
    this.#held = held
  }

  apply({ kind, entry }: Pick<Change, 'kind' | 'entry'>): void {
    this.#changes++
    const now = performance.now()
    const { prefix, held } = entry
    if (kind === 'add') {
      this.removals.forget(prefix)
      this.#held.put(entry, now)
      return
    }
    const { added: removed, about } = held
    const expires = this.#held.get(prefix, now)?.expires
    this.removals.note({ prefix, removed, expires, about })
    this.#held.drop(prefix)
  }

  /** An entry that was removed after it was added: somebody who did not know that brought it back. */
  isUndone({ prefix, held }: PlacedEntry): boolean {
    const removal = this.removals.after(prefix, held.added, performance.now())
    if (removal === undefined) return false
    if (!this.outbox.has({ prefix })) this.#repeat(removal)
    return true
  }

  #repeat({ prefix, removed, about }: Removal): void {
    this.#changes++
    const held = { entry: entryText(prefix), expires: undefined, added: removed, about }
    this.outbox.put({ kind: 'remove', entry: { prefix, held }, settle: () => {} })
    this.#held.drop(prefix)
  }

  /** What was removed while a copy was written stands in it twice. */
  dropOlder({ prefix, held }: PlacedEntry): void {
    // Also one that seems to be over, as the times of the copy may be wrong.
    const known = this.#held.get(prefix, Number.NEGATIVE_INFINITY)
    if (known !== undefined && known.added <= held.added) this.#held.drop(prefix)
  }
}
