import type { Address } from '@truehop/ip'
import { atOnce, brand, type Slices } from '@truehop/ip/internal'
import type { LiveRanges, RangesStatus } from '../policy/peers.js'
import { FAILED, messageOf, type RangesMessage, STALE, UPDATED } from './announcements.js'
import { type Edition, type ListReader, makeEdition, writtenList } from './edition.js'
import { fetchList } from './fetch-list.js'
import { FileTurn } from './file-turn.js'
import { leftToSelect } from './format-names.js'
import { readRanges } from './formats.js'
import { inSlices } from './in-slices.js'
import { type KeptCopy, readKept, readKeptNow, writeKept } from './kept-copy.js'
import { type ListBytes, textOf } from './list-bytes.js'
import { type FileList, FollowedFile, readListNow } from './list-file.js'
import { Pace } from './pace.js'
import type { InitialRanges, RangesSettings } from './ranges-options.js'

/**
 * Ranges that follow their source. A list comes into force whole, once it has been checked, or not
 * at all; until the first one the `keep` copy or `initial` is in force, and with neither, nobody is
 * trusted.
 */
export class LiveSource implements LiveRanges {
  readonly name: string
  /**
   * Settles when the source has been read for the first time; rejects if that failed. The `cause` of
   * the error has a code if it is about the list, and else is that of the file or the connection.
   */
  readonly ready: Promise<void>
  readonly selectable: readonly string[]
  readonly #settings: RangesSettings
  readonly #closing = new AbortController()
  readonly #pace: Pace
  #edition: Edition | undefined
  #etag: string | undefined
  #lastError: string | undefined
  #failures = 0
  #refreshing: Promise<void> | undefined
  /** Reads again after the read that is in progress. */
  #next: Promise<void> | undefined
  readonly #file: FollowedFile | undefined
  readonly #keeping = new FileTurn()
  /** What the file looked like before it was last read. */
  #seen = ''
  #toldStale = false

  /**
   * `now` reads files before returning, for a service that is about to start; `later` is for one
   * that answers meanwhile and waits for `ready`.
   */
  constructor(settings: RangesSettings, files: 'now' | 'later' = 'now') {
    this.name = settings.name
    this.#settings = settings
    this.selectable = leftToSelect(settings.format, settings.select)
    this.#pace = new Pace(settings.refresh)
    const { file } = settings
    this.#file = file === undefined ? undefined : new FollowedFile(file)
    this.ready = files === 'now' ? this.#startNow(file) : this.#startLater()
    // Code that does not wait for it sees the failure in status() and on the channel.
    this.ready.catch(() => {})
  }

  #startNow(file: string | undefined): Promise<void> {
    const { initial, keep } = this.#settings
    if (initial !== undefined) this.#edition = atOnce(this.#initialEdition(initial))
    const kept = keep === undefined ? undefined : readKeptNow(keep)
    try {
      if (kept !== undefined) this.#useKept(kept, atOnce(this.#keptEdition(kept)))
    } catch (error) {
      this.#keptFailed(error)
    }
    return file === undefined ? this.refresh() : this.#readNow(file)
  }

  #startLater(): Promise<void> {
    const { initial, keep } = this.#settings
    return this.#begin(async () => {
      if (initial !== undefined) this.#edition = await this.#built(this.#initialEdition(initial))
      const kept = keep === undefined ? undefined : await this.#keeping.take(() => readKept(keep))
      try {
        if (kept !== undefined) this.#useKept(kept, await this.#built(this.#keptEdition(kept)))
      } catch (error) {
        this.#keptFailed(error)
      }
      await this.#lookAt(this.#file)
    })
  }

  has(address: Address): boolean {
    return this.#edition?.set.has(address) === true
  }

  /** The entry that the address is in: if several, the longest prefix. */
  match(address: Address): { readonly entry: string } | undefined {
    const entry = this.#edition?.set.entryOf(address)
    return entry === undefined ? undefined : { entry }
  }

  /** By address, IPv4 first. */
  *entries(): Generator<string> {
    for (const { entry } of this.#edition?.set ?? []) yield entry
  }

  status(): RangesStatus {
    const updatedAt = this.#edition?.updatedAt ?? 0
    return {
      name: this.name,
      size: this.#edition?.set.size ?? 0,
      version: this.#edition?.version,
      updatedAt,
      stale: Date.now() - updatedAt > this.#settings.staleAfter * 1000,
      lastError: this.#lastError,
    }
  }

  /**
   * Reads the source now. Rejects if that fails or the list must not come into force; what is in
   * force stays.
   */
  refresh(): Promise<void> {
    if (this.#refreshing === undefined) return this.#start(this.#file)
    // One answer serves all callers meanwhile; but a file may have changed since reading began.
    if (this.#file === undefined) return this.#refreshing
    const start = () => this.#startNext()
    this.#next ??= this.#refreshing.then(start, start)
    return this.#next
  }

  #startNext(): Promise<void> {
    this.#next = undefined
    return this.#start(this.#file)
  }

  #start(file: FollowedFile | undefined): Promise<void> {
    return this.#begin(() => this.#lookAt(file))
  }

  async #lookAt(file: FollowedFile | undefined): Promise<void> {
    if (file === undefined) await this.#fetch()
    else await this.#acceptFile(await file.read())
  }

  #begin(look: () => Promise<void>): Promise<void> {
    const refreshing = this.#refresh(look).finally(() => {
      this.#refreshing = undefined
    })
    this.#refreshing = refreshing
    return refreshing
  }

  /** Ends watching and polling. The ranges stay as they are. */
  close(): void {
    this.#closing.abort()
    this.#pace.stop()
  }

  async #refresh(look: () => Promise<void>): Promise<void> {
    try {
      await look()
    } catch (error) {
      throw this.#failed(error)
    } finally {
      this.#schedule()
    }
  }

  /** At start-up, so that a list is in force before the first request. */
  #readNow(path: string): Promise<void> {
    try {
      const { bytes, appearance, changedAt } = readListNow(path)
      this.#seen = appearance
      this.#use(atOnce(this.#editionOf(bytes, changedAt)))
      return this.#keep({ bytes, etag: undefined, updatedAt: changedAt }).catch(
        (error: unknown) => {
          throw this.#failed(error)
        },
      )
    } catch (error) {
      return Promise.reject(this.#failed(error))
    } finally {
      this.#schedule()
    }
  }

  #failed(error: unknown): Error {
    this.#failures++
    this.#lastError = messageOf(error)
    FAILED.publish({ status: this.status() } satisfies RangesMessage)
    return new Error(`ranges of ${this.name}: ${this.#lastError}`, { cause: error })
  }

  async #acceptFile({ bytes, appearance, changedAt }: FileList): Promise<void> {
    this.#seen = appearance
    await this.#accept({ bytes, etag: undefined, updatedAt: changedAt })
  }

  async #fetch(): Promise<void> {
    const { url } = this.#settings
    if (url === undefined) return
    const fetched = await fetchList(url, this.#etag, this.#closing.signal)
    if (fetched !== undefined) await this.#accept({ ...fetched, updatedAt: Date.now() })
    else this.#confirm()
  }

  /** The source says that nothing has changed. */
  #confirm(): void {
    if (this.#edition !== undefined) this.#edition = { ...this.#edition, updatedAt: Date.now() }
    this.#recovered()
  }

  #recovered(): void {
    this.#failures = 0
    this.#lastError = undefined
    this.#toldStale = false
  }

  async #accept(list: KeptCopy): Promise<void> {
    this.#use(await this.#built(this.#editionOf(list.bytes, list.updatedAt)))
    await this.#keep(list)
  }

  #built(work: Slices<Edition>): Promise<Edition> {
    return inSlices(work, this.#closing.signal)
  }

  #editionOf(bytes: ListBytes, updatedAt: number): Slices<Edition> {
    return makeEdition(this.#readerOf(bytes), this.#settings, this.#edition, updatedAt)
  }

  #readerOf(bytes: ListBytes): ListReader {
    const { format, select } = this.#settings
    return (take) => readRanges(textOf(bytes), format, select, take)
  }

  #use(edition: Edition): void {
    this.#edition = edition
    this.#etag = undefined
    this.#recovered()
    UPDATED.publish({ status: this.status() } satisfies RangesMessage)
  }

  async #keep(list: KeptCopy): Promise<void> {
    const { keep } = this.#settings
    if (keep !== undefined) await this.#keeping.take(() => writeKept(keep, list))
    // Not before: a list that could not be kept is fetched whole again.
    this.#etag = list.etag
  }

  #initialEdition({ entries, date }: InitialRanges): Slices<Edition> {
    const bounds = { minimum: 1, maximumShrink: 1, widest: this.#settings.widest }
    return makeEdition(writtenList(entries, date), bounds, undefined, Date.parse(date))
  }

  #keptEdition({ bytes, updatedAt }: KeptCopy): Slices<Edition> {
    const time = Math.min(updatedAt, Date.now())
    return makeEdition(this.#readerOf(bytes), this.#settings, undefined, time)
  }

  #useKept({ etag }: KeptCopy, edition: Edition): void {
    this.#edition = edition
    this.#etag = etag
  }

  #keptFailed(error: unknown): void {
    this.#lastError = `the copy in ${this.#settings.keep}: ${messageOf(error)}`
  }

  #schedule(): void {
    if (this.#closing.signal.aborted) return
    // Weakly, so that ranges of a replaced policy, which nothing can close, are not followed for
    // ever.
    const self = new WeakRef(this)
    this.#pace.next(this.#failures, () => {
      const source = self.deref()
      if (source !== undefined) source.#look()
    })
  }

  #tellStale(): void {
    const status = this.status()
    if (!status.stale || this.#toldStale) return
    this.#toldStale = true
    STALE.publish({ status } satisfies RangesMessage)
  }

  /** Time to look again. A file that looks the same is not read. */
  #look(): void {
    this.#tellStale()
    const refresh = (): void => void this.refresh().catch(() => {})
    if (this.#file === undefined) refresh()
    else {
      this.#file.appearance().then((appearance) => {
        if (appearance === this.#seen) this.#schedule()
        else refresh()
      })
    }
  }
}

brand(LiveSource, 'LiveSource/1')
