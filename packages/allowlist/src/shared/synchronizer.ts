import { inSlices } from '@truehop/identity/adapter'
import type { Prefix } from '@truehop/ip'
import { ENTRIES_PER_SLICE, type Slices } from '@truehop/ip/internal'
import { publishChanged, publishLoaded } from '../channels.js'
import { within } from '../within.js'
import {
  type Ahead,
  type Change,
  type CopiedKind,
  EntriesStore,
  type MadeChange,
  NOWHERE,
  type Outcome,
  type Page,
  type Position,
  type StoreAnswer,
} from './entries-store.js'
import { HeldEntries } from './held-entries.js'
import { Networks } from './networks.js'
import { Outbox, type Waiting } from './outbox.js'
import type { SharedEntriesSettings } from './read-options.js'
import { type Removal, Removals } from './removals.js'
import { CHANGES_PER_ANSWER } from './script.js'
import { entryText, isOver, latest, type PlacedEntry, placed } from './shared-entry.js'

/** Entries that are restored to the store in one call. */
const RESTORED_PER_CALL = 200

/** Milliseconds by which clocks may have drifted while an instance was down. */
const DRIFT = 2000

/** After a store lost everything, others give it back more than it keeps changes of. */
const MOST_RELOADS = 5

/** Brings what one instance has and what the store has into agreement. */
export class Synchronizer {
  readonly outbox = new Outbox()
  readonly removals = new Removals()
  readonly #settings: SharedEntriesSettings
  readonly #store: EntriesStore
  #networks: Networks | undefined
  #held: HeldEntries
  #position: Position = NOWHERE
  /** Milliseconds by which the server's clock is ahead of `performance.now()`, as far as is known. */
  #ahead: number | undefined
  /** Changes and removals of a copy, until the store has shown whether their times are right. */
  #copied: Set<string> | undefined
  /** Changes so far of what is known here. */
  #changes = 0

  constructor(settings: SharedEntriesSettings) {
    this.#settings = settings
    const { client, name, maxEntries, deadline } = settings
    this.#store = new EntriesStore(client, name, maxEntries, deadline)
    this.#networks = this.#newNetworks()
    this.#held = new HeldEntries(this.#networks, maxEntries)
  }

  get held(): HeldEntries {
    return this.#held
  }

  get position(): Position {
    return this.#position
  }

  get ahead(): number | undefined {
    return this.#ahead
  }

  /** Differs when anything has changed in what is known here. */
  get changes(): number {
    return this.#changes
  }

  /** Of the last change known; undefined if the store has not been read. */
  get version(): string | undefined {
    const { epoch, version } = this.#position
    return epoch === '' ? undefined : String(version)
  }

  /** In force here at once; `settle` is called when the store has it. */
  make(change: Change, settle: Waiting['settle']): void {
    const { kind, entry } = change
    const isThere = this.#held.has(entry.prefix, performance.now())
    this.#copied?.delete(entryText(entry.prefix))
    // A removal of what is not known here counts once the store has answered that it was there.
    if (kind === 'add' || isThere) this.#apply(change)
    else this.#changes++
    if (kind === 'add' || isThere) publishChanged(this.#settings.name, kind, entry.held)
    this.outbox.put({ ...change, settle: (outcome) => this.#settle(change, outcome, settle) })
    if (kind === 'add') this.#escalate(entry)
  }

  #apply({ kind, entry }: Pick<Change, 'kind' | 'entry'>): void {
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

  #settle(change: Change, outcome: Outcome | 'overtaken', settle: Waiting['settle']): void {
    if (outcome === 'full') this.#held.drop(change.entry.prefix)
    settle(outcome)
  }

  /** Sends what waits, and takes over what has changed. Rejects if the store does not answer. */
  async exchange(): Promise<void> {
    let reloads = 0
    for (;;) {
      // Nothing whose time is not known to be right.
      const sent = this.#copied === undefined ? this.outbox.next() : []
      const answer = await this.#ask(this.#store.exchange(this.#position, sent))
      if (this.#corrects(answer.ahead) && answer.status === 'ok') {
        this.#position = NOWHERE
        continue
      }
      this.outbox.settle(sent, answer.outcomes)
      if (sent.length > 0) this.#changes++
      if (answer.status !== 'ok') {
        // A few are enough, unless another store answers each time.
        if (++reloads > MOST_RELOADS) throw new Error('the store changed while it was read')
        await this.#reload(answer)
        continue
      }
      reloads = 0
      for (const change of answer.changes) this.#takeOver(change)
      this.#position = answer.position
      const isWhole = answer.changes.length < CHANGES_PER_ANSWER
      if (isWhole && this.outbox.size === 0) return
    }
  }

  /** True if the wall clock was set between the copy and its reading: then its times were wrong. */
  #corrects({ most, least }: Ahead): boolean {
    const [copied, before, ahead] = [this.#copied ?? [], this.#ahead, (most + least) / 2]
    const isUnsure = this.#copied !== undefined && before !== undefined
    const isWrong = isUnsure && (before < least - DRIFT || before > most + DRIFT)
    const by = isWrong ? before - ahead : 0
    const now = performance.now()
    this.removals.shift(copied, by, now)
    this.outbox.shift(copied, by, now)
    this.#ahead = ahead
    this.#copied = undefined
    return isWrong
  }

  #ask<T>(answer: Promise<T>): Promise<T> {
    return within(this.#settings.deadline, answer)
  }

  #takeOver(change: MadeChange): void {
    const { kind, entry, isOwn } = change
    if (!isOwn) this.outbox.giveWayTo(entry, this.#settings.deadline)
    // What was changed here since, and is still to be sent, counts.
    if (this.outbox.has(entry)) return
    if (kind === 'add' && this.#isUndone(entry)) return
    this.#apply(change)
    if (!isOwn) publishChanged(this.#settings.name, kind, entry.held)
    else if (kind === 'add') this.#escalate(entry)
  }

  /** An entry that was removed after it was added: somebody who did not know that brought it back. */
  #isUndone({ prefix, held }: PlacedEntry): boolean {
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

  /** What a copy says of an entry, unless that was changed here meanwhile. */
  takeUp(kind: CopiedKind, entry: PlacedEntry): void {
    const now = performance.now()
    const { prefix, held } = entry
    const isPast = kind !== 'remove' && isOver(entry, now)
    // With a wrong clock, what seems to be over may not be.
    if (this.outbox.has(entry) || (isPast && (kind === 'held' || this.#copied === undefined)))
      return
    const isWaiting = kind === 'add' || kind === 'remove'
    if (isWaiting && this.outbox.isFull) return
    if (kind === 'removed') this.removals.note({ ...held, prefix, removed: held.added })
    if (kind !== 'held') this.#copied?.add(entryText(prefix))
    if ((kind === 'held' || kind === 'add') && !isPast) this.#held.put(entry, now)
    else this.#dropOlder(entry, now)
    if (isWaiting) this.outbox.put({ kind, entry, settle: () => {} })
  }

  /** What was removed while the copy was written stands in it twice. */
  #dropOlder({ prefix, held }: PlacedEntry, now: number): void {
    const known = this.#held.get(prefix, now)
    if (known !== undefined && known.added <= held.added) this.#held.drop(prefix)
  }

  /** Times of the copy that is taken up are right if the server's clock is this far ahead. */
  assume(ahead: number): void {
    this.#ahead = ahead
    this.#copied = new Set()
  }

  /** The state of the store of which a copy was taken up. */
  startFrom(position: Position): void {
    this.#position = position
    publishLoaded({ name: this.#settings.name, size: this.#held.size, version: position.version })
  }

  /** Page by page, beside what is in force meanwhile. */
  async #reload({ status, position }: StoreAnswer): Promise<void> {
    const { name, maxEntries, deadline } = this.#settings
    const networks = this.#newNetworks()
    const fresh = new HeldEntries(networks, maxEntries)
    for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
      const page: Page = await this.#ask(this.#store.page(cursor))
      const now = performance.now()
      for (const entry of page.entries) {
        this.outbox.giveWayTo(entry, deadline)
        if (!this.#isUndone(entry)) fresh.put(entry, now)
      }
      cursor = page.next
    }
    if (status === 'lost') await this.#restore(fresh)
    const now = performance.now()
    for (const { kind, entry } of this.outbox.values()) {
      if (kind === 'add') fresh.put(entry, now)
      else fresh.drop(entry.prefix)
    }
    this.#changes++
    this.#held = fresh
    this.#networks = networks
    this.#position = position
    publishLoaded({ name, size: fresh.size, version: position.version })
  }

  /** Gives the store back what is known here and lost there. */
  async #restore(fresh: HeldEntries): Promise<void> {
    const known = this.#held.placed()
    for (;;) {
      const lost = await inSlices(this.#missingFrom(fresh, known))
      if (lost.length === 0) return
      const changes = lost.map((entry) => ({ kind: 'add', entry, restore: true }) as const)
      await this.#ask(this.#store.exchange(NOWHERE, changes))
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
      if (!isOver(value, now) && !fresh.has(value.prefix, now) && !this.outbox.has(value)) {
        missing.push(value)
      }
      if (looked % ENTRIES_PER_SLICE === 0) yield
    }
    return missing
  }

  /** Entries in a network that has as many as it takes become the network's. */
  #escalate(entry: PlacedEntry): void {
    const network = this.#networks?.fullAround(entry.prefix)
    if (network === undefined || this.outbox.isFull) return
    const now = performance.now()
    const { prefix, inside } = network
    const before = this.#held.get(prefix, now)
    const kept = [before, ...inside.map((each) => this.#held.get(each, now))]
    const note = `${inside.length} entries in ${prefix.text}`
    const { by } = this.#settings
    const whole = placed(prefix, { expires: latest(kept), note, by, added: now })
    for (const each of inside) this.#become(each, prefix)
    this.make({ kind: 'add', entry: whole }, () => {})
  }

  #become(prefix: Prefix, whole: Prefix): void {
    const note = `part of ${whole.text} now`
    const removed = { expires: undefined, note, by: this.#settings.by, added: performance.now() }
    this.make({ kind: 'remove', entry: placed(prefix, removed) }, () => {})
  }

  #newNetworks(): Networks | undefined {
    const { escalate } = this.#settings
    return escalate.length === 0 ? undefined : new Networks(escalate)
  }
}
