import { inSlices, Pace } from '@truehop/identity/adapter'
import { type Address, type Prefix, PrefixError, parsePrefix } from '@truehop/ip'
import { brand } from '@truehop/ip/internal'
import { surviveErrors } from '@truehop/redis'
import { badEntry } from '../prefix-list.js'
import { EntriesCopy } from './entries-copy.js'
import type { Change, Outcome } from './entries-store.js'
import type { SharedChange, SharedEntriesOptions, SharedEntryOptions } from './options.js'
import {
  readSharedEntriesOptions,
  readSharedEntryOptions,
  type SharedEntriesSettings,
} from './read-options.js'
import { described, placed, type SharedEntry } from './shared-entry.js'
import { Synchronizer } from './synchronizer.js'

/** Milliseconds without an answer from the store after which the entries are called stale. */
const STALE_AFTER = 60_000

/** Entries that are checked for expiry after each read of the store. */
const SWEPT = 20_000

/** The state of shared entries, like that of other live ranges. */
export interface SharedEntriesStatus {
  readonly name: string
  /** Entries known here. */
  readonly size: number
  /** Of the last change known; undefined before the store has been read. */
  readonly version: string | undefined
  /**
   * When the store answered last, in milliseconds since 1970; until it has, the time of the copy
   * that is in force.
   */
  readonly updatedAt: number
  /** Whether the store has not answered for a minute. */
  readonly stale: boolean
  /** Why the last read failed; undefined if it did not. */
  readonly lastError: string | undefined
  /** Changes of this instance that the store does not have yet. */
  readonly pending: number
  /** How often an entry of the store found no room here: `maxEntries` is smaller than elsewhere. */
  readonly leftOut: number
  /** Of the copy on disk, with `keep`: why it could not be read or written; undefined if it could. */
  readonly copyError: string | undefined
}

/**
 * Entries that all instances of a service share through Redis or Valkey: a source for the lists of
 * an allowlist, and for whatever else takes live ranges.
 *
 * Each instance has all entries, so that no request waits for the store; while the store is away
 * they stay in force, and changes made meanwhile reach it afterwards. A store that lost entries
 * which an instance knows gets them back.
 */
export class SharedEntries {
  readonly name: string
  /** Settles when the entries have been read for the first time; rejects if that failed. */
  readonly ready: Promise<void>
  readonly #settings: SharedEntriesSettings
  readonly #sync: Synchronizer
  readonly #pace: Pace
  readonly #copy: EntriesCopy | undefined
  #failures = 0
  #lastError: string | undefined
  #updatedAt = 0
  /** On the clock of `performance.now()`. */
  #answeredAt = Number.NEGATIVE_INFINITY
  #turn: Promise<void> | undefined
  #isDue = false
  #isClosed = false

  constructor(options: SharedEntriesOptions) {
    this.#settings = readSharedEntriesOptions(options)
    const { name, client, interval, keep } = this.#settings
    this.name = name
    surviveErrors(client)
    this.#pace = new Pace(interval / 1000)
    this.#sync = new Synchronizer(this.#settings)
    this.#copy = keep === undefined ? undefined : new EntriesCopy(keep, name, this.#sync)
    this.ready = this.#begin()
    // Code that does not wait for it sees the failure in status().
    this.ready.catch(() => {})
  }

  has(address: Address): boolean {
    return this.#sync.held.contains(address, performance.now())
  }

  /** The entry that the address is in: if several, the longest prefix. */
  match(address: Address): { readonly entry: string } | undefined {
    return this.#sync.held.match(address, performance.now())
  }

  /** The entries in force, as text. They may change between two of them. */
  *entries(): Generator<string> {
    for (const { entry } of this.#sync.held.values(performance.now())) yield entry
  }

  /** The entries in force, with expiry, note, and who added them and when. */
  *details(): Generator<SharedEntry> {
    for (const entry of this.#sync.held.values(performance.now())) yield described(entry)
  }

  status(): SharedEntriesStatus {
    return {
      name: this.name,
      size: this.#sync.held.size,
      version: this.#sync.version,
      updatedAt: this.#updatedAt,
      stale: performance.now() - this.#answeredAt > STALE_AFTER,
      lastError: this.#lastError,
      pending: this.#sync.outbox.size,
      leftOut: this.#sync.held.leftOut,
      copyError: this.#copy?.lastError,
    }
  }

  /**
   * Adds a prefix or address, or changes what is said of one. In force here at once, and on all
   * instances after their next read. Resolves when the store has it, or has not answered in time;
   * see `SharedChange`. Rejects with `AllowlistError` for text that is not a prefix and for bad
   * options.
   */
  async add(entry: string | Address, options: SharedEntryOptions = {}): Promise<SharedChange> {
    const { ttl, note, by = this.#settings.by } = readSharedEntryOptions(options)
    const prefix = prefixOf(entry)
    const now = performance.now()
    const expires = ttl === undefined ? undefined : now + ttl * 1000
    const added = placed(prefix, { expires, note, by, added: now })
    const isNew = !this.#sync.held.has(prefix, now)
    if (this.#sync.outbox.isFull) return 'full'
    if (isNew && !this.#sync.held.hasRoom(now)) return 'full'
    return this.#make({ kind: 'add', entry: added })
  }

  /** Removes an entry. Resolves like `add`. */
  async remove(
    entry: string | Address,
    options: Omit<SharedEntryOptions, 'ttl'> = {},
  ): Promise<SharedChange> {
    const { note, by = this.#settings.by } = readSharedEntryOptions(options)
    const prefix = prefixOf(entry)
    if (this.#sync.outbox.isFull) return 'full'
    const removed = placed(prefix, { expires: undefined, note, by, added: performance.now() })
    return this.#make({ kind: 'remove', entry: removed })
  }

  /** Reads the store now. Rejects if that fails; what is in force stays. */
  refresh(): Promise<void> {
    return this.#look()
  }

  /**
   * Stops reading the store. The entries stay as they are. Resolves when the copy on disk has the
   * last changes, or the disk has not answered for 20 seconds; never rejects.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#pace.stop()
    await this.#turn?.catch(() => {})
    await this.#copy?.finish()
  }

  /** The copy before the store, so that something is in force while the store is away. */
  #begin(): Promise<void> {
    const copy = this.#copy
    if (copy === undefined) return this.#look()
    return this.#turnOf(async () => {
      const updatedAt = await copy.takeUp()
      if (updatedAt !== undefined) this.#updatedAt = updatedAt
      await this.#exchange()
    })
  }

  #make(change: Change): Promise<SharedChange> {
    const isAway = this.#failures > 0 || this.#isClosed
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve('local'), isAway ? 0 : this.#settings.deadline)
      const settle = (outcome: Outcome | 'overtaken'): void => {
        clearTimeout(late)
        // Of an entry to add: the store has a later one.
        const isThere = outcome === 'nothing' && change.kind === 'add'
        resolve(isThere ? 'shared' : RESULT[outcome])
      }
      this.#sync.make(change, settle)
      if (!isAway) this.#lookSoon()
    })
  }

  /** When all that is asked for in this turn has been. */
  #lookSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      this.#lookAgain()
    })
  }

  #lookAgain(): void {
    const look = (): void => void this.#look().catch(() => {})
    if (this.#turn === undefined) look()
    else this.#turn.then(look, look)
  }

  #look(): Promise<void> {
    return this.#turn ?? this.#turnOf(() => this.#exchange())
  }

  #turnOf(work: () => Promise<void>): Promise<void> {
    const turn = work().finally(() => {
      this.#turn = undefined
      this.#copy?.writeIfDue()
      if (!this.#isClosed) this.#pace.next(this.#failures, () => void this.#look().catch(() => {}))
    })
    this.#turn = turn
    return turn
  }

  async #exchange(): Promise<void> {
    try {
      await this.#sync.exchange()
      this.#failures = 0
      this.#lastError = undefined
      this.#updatedAt = Date.now()
      this.#answeredAt = performance.now()
    } catch (error) {
      this.#failures++
      this.#lastError = error instanceof Error ? error.message : String(error)
      throw new Error(`shared entries ${this.name}: ${this.#lastError}`, { cause: error })
    } finally {
      await inSlices(this.#sync.held.sweep(performance.now(), SWEPT))
    }
  }
}

brand(SharedEntries, 'SharedEntries/1')

const RESULT = { made: 'shared', nothing: 'absent', full: 'full', overtaken: 'local' } as const

/**
 * Shares entries between all instances of a service. Throws `AllowlistError` for bad options; a
 * store that cannot be reached is not an error here, but rejects `ready`.
 */
export function sharedEntries(options: SharedEntriesOptions): SharedEntries {
  return new SharedEntries(options)
}

function prefixOf(entry: string | Address): Prefix {
  const text = String(entry)
  try {
    return parsePrefix(text)
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    throw badEntry('entry', text, error.reason)
  }
}
