import { inSlices } from '@truehop/identity/adapter'
import type { Prefix } from '@truehop/ip'
import { ENTRIES_PER_SLICE, type Slices } from '@truehop/ip/internal'
import { publishChanged, publishLoaded } from '../channels.js'
import { within } from '../within.js'
import {
  type Change,
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
import { CHANGES_PER_ANSWER } from './script.js'
import { type HeldEntry, type PlacedEntry, placed, prefixOf } from './shared-entry.js'

/** Entries that are restored to the store in one call. */
const RESTORED_PER_CALL = 200

/** Brings what one instance has and what the store has into agreement. */
export class Synchronizer {
  readonly outbox = new Outbox()
  readonly #settings: SharedEntriesSettings
  readonly #store: EntriesStore
  #networks: Networks | undefined
  #held: HeldEntries
  #position: Position = NOWHERE

  constructor(settings: SharedEntriesSettings) {
    this.#settings = settings
    const { client, name, maxEntries } = settings
    this.#store = new EntriesStore(client, name, maxEntries)
    this.#networks = this.#newNetworks()
    this.#held = new HeldEntries(this.#networks)
  }

  get held(): HeldEntries {
    return this.#held
  }

  /** Of the last change known; undefined if the store has not been read. */
  get version(): string | undefined {
    const { epoch, version } = this.#position
    return epoch === '' ? undefined : String(version)
  }

  /** In force here at once; `settle` is called when the store has it. */
  make(change: Change, settle: Waiting['settle']): void {
    const { kind, entry } = change
    const isThere = this.#held.get(entry.prefix, performance.now()) !== undefined
    apply(this.#held, change)
    if (kind === 'add' || isThere) publishChanged(this.#settings.name, kind, entry.held)
    this.outbox.put({ ...change, settle: (outcome) => this.#settle(change, outcome, settle) })
    if (kind === 'add') this.#escalate(entry)
  }

  #settle(change: Change, outcome: Outcome | 'overtaken', settle: Waiting['settle']): void {
    if (outcome === 'full') this.#held.drop(change.entry.prefix)
    settle(outcome)
  }

  /** Sends what waits, and takes over what has changed. Rejects if the store does not answer. */
  async exchange(): Promise<void> {
    let reloads = 0
    for (;;) {
      const sent = this.outbox.next()
      const answer = await this.#ask(this.#store.exchange(this.#position, sent))
      this.outbox.settle(sent, answer.outcomes)
      if (answer.status !== 'ok') {
        // Once more is enough, unless another store answers each time.
        if (++reloads > 2) throw new Error('the store changed while it was read')
        await this.#reload(answer)
        continue
      }
      for (const change of answer.changes) this.#takeOver(change)
      this.#position = answer.position
      const isWhole = answer.changes.length < CHANGES_PER_ANSWER
      if (isWhole && this.outbox.size === 0) return
    }
  }

  #ask<T>(answer: Promise<T>): Promise<T> {
    return within(this.#settings.deadline, answer)
  }

  #takeOver(change: MadeChange): void {
    // What was changed here since, and is still to be sent, counts.
    if (this.outbox.has(change)) return
    apply(this.#held, change)
    const { kind, entry, isOwn } = change
    if (!isOwn) publishChanged(this.#settings.name, kind, entry.held)
    else if (kind === 'add') this.#escalate(entry)
  }

  /** Page by page, beside what is in force meanwhile. */
  async #reload({ status, position }: StoreAnswer): Promise<void> {
    const networks = this.#newNetworks()
    const fresh = new HeldEntries(networks)
    for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
      const page: Page = await this.#ask(this.#store.page(cursor))
      for (const entry of page.entries) fresh.put(entry)
      cursor = page.next
    }
    if (status === 'lost') await this.#restore(fresh)
    for (const change of this.outbox.values()) apply(fresh, change)
    this.#held = fresh
    this.#networks = networks
    this.#position = position
    publishLoaded({ name: this.#settings.name, size: fresh.size, version: position.version })
  }

  /** Gives the store back what is known here and lost there. */
  async #restore(fresh: HeldEntries): Promise<void> {
    const missing = await inSlices(missingFrom(fresh, this.#held))
    for (let i = 0; i < missing.length; i += RESTORED_PER_CALL) {
      const entries = missing.slice(i, i + RESTORED_PER_CALL)
      const changes = entries.map((entry) => ({ kind: 'add', entry, restore: true }) as const)
      const lost = changes.filter((change) => !this.outbox.has(change))
      await this.#ask(this.#store.exchange(NOWHERE, lost))
      for (const { entry } of lost) fresh.put(entry)
    }
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

function apply(held: HeldEntries, { kind, entry }: Pick<Change, 'kind' | 'entry'>): void {
  if (kind === 'add') held.put(entry)
  else held.drop(entry.prefix)
}

function* missingFrom(fresh: HeldEntries, known: HeldEntries): Slices<PlacedEntry[]> {
  const now = performance.now()
  const missing: PlacedEntry[] = []
  let looked = 0
  for (const held of known.values(now)) {
    const prefix = prefixOf(held)
    if (fresh.get(prefix, now) === undefined) missing.push({ prefix, held })
    if (++looked % ENTRIES_PER_SLICE === 0) yield
  }
  return missing
}

/** The time at which the last of them expires; undefined if one never does. */
function latest(entries: readonly (HeldEntry | undefined)[]): number | undefined {
  const times = entries.flatMap((entry) => (entry === undefined ? [] : [entry.expires]))
  const known = times.filter((time) => time !== undefined)
  return known.length < times.length ? undefined : Math.max(...known)
}
