import { inSlices, within } from '@truehop/identity/adapter'
import type { Slices } from '@truehop/ip/internal'
import { publishChanged, publishLoaded } from '../channels.js'
import { CopiedTimes } from './copied-times.js'
import {
  type Change,
  type CopiedKind,
  EntriesStore,
  type MadeChange,
  NOWHERE,
  type Outcome,
  type Position,
} from './entries-store.js'
import { escalated } from './escalation.js'
import type { HeldEntries } from './held-entries.js'
import { KnownEntries } from './known-entries.js'
import type { Outbox, Waiting } from './outbox.js'
import type { SharedEntriesSettings } from './read-options.js'
import { Reload } from './reload.js'
import type { Removals } from './removals.js'
import { CHANGES_PER_ANSWER } from './script.js'
import { isOver, type PlacedEntry } from './shared-entry.js'

/** After a store lost everything, others give it back more than it keeps changes of. */
const MOST_RELOADS = 5

/** Changes of others that are taken over in one slice: each may be recorded by whoever listens. */
const CHANGES_PER_SLICE = 32

/** Brings what one instance has and what the store has into agreement. */
export class Synchronizer {
  readonly #settings: SharedEntriesSettings
  readonly #store: EntriesStore
  readonly #known: KnownEntries
  readonly #times: CopiedTimes
  readonly #reload: Reload
  #position: Position = NOWHERE

  constructor(settings: SharedEntriesSettings) {
    this.#settings = settings
    const { client, name, maxEntries, deadline } = settings
    this.#store = new EntriesStore(client, name, maxEntries, deadline)
    this.#known = new KnownEntries(settings)
    this.#times = new CopiedTimes(this.#known)
    this.#reload = new Reload(this.#known, this.#store, deadline)
  }

  get held(): HeldEntries {
    return this.#known.held
  }

  get outbox(): Outbox {
    return this.#known.outbox
  }

  get removals(): Removals {
    return this.#known.removals
  }

  /** Differs when anything has changed in what is known here. */
  get changes(): number {
    return this.#known.changes
  }

  get position(): Position {
    return this.#position
  }

  /** Milliseconds by which the server's clock is ahead of `performance.now()`, as far as is known. */
  get ahead(): number | undefined {
    return this.#times.ahead
  }

  /** Of the last change known; undefined if the store has not been read. */
  get version(): string | undefined {
    const { epoch, version } = this.#position
    return epoch === '' ? undefined : String(version)
  }

  /** In force here at once; `settle` is called when the store has it. */
  make(change: Change, settle: Waiting['settle']): void {
    const { kind, entry } = change
    const isThere = this.held.has(entry.prefix, performance.now())
    this.#times.forget(entry.prefix)
    // A removal of what is not known here counts once the store has answered that it was there.
    if (kind === 'add' || isThere) this.#known.apply(change)
    else this.#known.changed()
    if (kind === 'add' || isThere) publishChanged(this.#settings.name, kind, entry.held)
    this.outbox.put({ ...change, settle: (outcome) => this.#settle(change, outcome, settle) })
    if (kind === 'add') this.#escalate(entry)
  }

  #settle(change: Change, outcome: Outcome | 'overtaken', settle: Waiting['settle']): void {
    if (outcome === 'full') this.held.drop(change.entry.prefix)
    settle(outcome)
  }

  /** Entries in a network that has as many as it takes become the network's. */
  #escalate(entry: PlacedEntry): void {
    for (const change of escalated(this.#known, entry, this.#settings.by)) {
      this.make(change, () => {})
    }
  }

  /** Sends what waits, and takes over what has changed. Rejects if the store does not answer. */
  async exchange(): Promise<void> {
    const { deadline } = this.#settings
    let reloads = 0
    for (;;) {
      // Nothing whose time is not known to be right.
      const sent = this.#times.isUnsure ? [] : this.outbox.next()
      const answer = await within(deadline, this.#store.exchange(this.#position, sent))
      const { status, changes } = answer
      if ((await inSlices(this.#times.correct(answer.ahead))) && status === 'ok') {
        this.#position = NOWHERE
        continue
      }
      this.outbox.settle(sent, answer.outcomes)
      if (sent.length > 0) this.#known.changed()
      if (status !== 'ok') {
        // A few are enough, unless another store answers each time.
        if (++reloads > MOST_RELOADS) throw new Error('the store changed while it was read')
        await this.#reload.run(status)
        this.startFrom(answer.position)
        continue
      }
      reloads = 0
      await inSlices(this.#takeOverAll(changes))
      this.#position = answer.position
      const isWhole = changes.length < CHANGES_PER_ANSWER
      if (isWhole && this.outbox.size === 0) return
    }
  }

  *#takeOverAll(changes: readonly MadeChange[]): Slices<undefined> {
    for (const [i, change] of changes.entries()) {
      this.#takeOver(change)
      if (i % CHANGES_PER_SLICE === CHANGES_PER_SLICE - 1) yield
    }
    return undefined
  }

  #takeOver(change: MadeChange): void {
    const { kind, entry, isOwn } = change
    if (!isOwn) this.outbox.giveWayTo(entry, this.#settings.deadline)
    // What was changed here since, and is still to be sent, counts.
    if (this.outbox.has(entry)) return
    if (kind === 'add' && this.#known.isUndone(entry)) return
    this.#known.apply(change)
    if (!isOwn) publishChanged(this.#settings.name, kind, entry.held)
    else if (kind === 'add') this.#escalate(entry)
  }

  /** What a copy says of an entry, unless that was changed here meanwhile. */
  takeUp(kind: CopiedKind, entry: PlacedEntry): void {
    const now = performance.now()
    const { prefix, held } = entry
    const { isUnsure } = this.#times
    // With a wrong clock, what seems to be over may not be.
    if (this.outbox.has(entry) || (kind !== 'remove' && isOver(entry, now) && !isUnsure)) return
    const isWaiting = kind === 'add' || kind === 'remove'
    if (isWaiting && this.outbox.isFull) return
    if (kind === 'removed') this.removals.note({ ...held, prefix, removed: held.added })
    if (kind !== 'held') this.#times.add(prefix)
    if (kind === 'held' || kind === 'add') this.held.put(entry, now, true)
    else this.#known.dropOlder(entry)
    if (isWaiting) this.outbox.put({ kind, entry, settle: () => {} })
  }

  /** Times of the copy that is taken up are right if the server's clock is this far ahead. */
  assume(ahead: number): void {
    this.#times.assume(ahead)
  }

  /** What is known here is the state of the store at this position. */
  startFrom(position: Position): void {
    this.#position = position
    publishLoaded({ name: this.#settings.name, size: this.held.size, version: position.version })
  }
}
