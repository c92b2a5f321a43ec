import type { Writable } from 'node:stream'
import { within } from '@truehop/identity/adapter'
import { AuditFile, DISTURBANCES } from './audit-file.js'
import { CosignatureCounts } from './audit-metrics.js'
import { type Beginning, beginningOf } from './beginning.js'
import { type Head, type Sealed, seal } from './chain.js'
import { CheckpointLog } from './checkpoints/checkpoint-log.js'
import { ErrorReports } from './error-reports.js'
import { AuditKeys } from './keys/audit-keys.js'
import { appendTo, own } from './own-records.js'
import { PendingRecords } from './pending-records.js'
import type { Cause } from './rate-gate.js'
import type { AuditSettings } from './read-audit-options.js'
import { SinkGroup } from './sinks/sink-group.js'

/**
 * Milliseconds until a failed write or rotation is tried again, and between checks that the file is
 * still there and no other process writes to it.
 */
const RETRY_AFTER = 1000

/** Milliseconds that `close` waits. */
const CLOSED_WITHIN = 20_000

/**
 * Chains records and writes them, in batches and in their order. Records wait as text and are
 * chained when they are written: what a failed write left in the file is read back first, so that
 * the chain does not break and no record that had room to wait is lost.
 */
export class AuditWriter {
  readonly cosignatures: CosignatureCounts
  readonly #settings: AuditSettings
  readonly #file: AuditFile | undefined
  readonly #stream: Writable | undefined
  readonly #keys: AuditKeys | undefined
  readonly #checkpoints: CheckpointLog | undefined
  readonly #sinks: SinkGroup
  readonly #reports: ErrorReports
  #head: Head
  readonly #pending: PendingRecords
  /** Ends the line that a crash or a failed write left unfinished. */
  #lineEnd = ''
  /** Bytes of that line. */
  #torn = 0
  #writing: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  /** On the clock of `performance.now()`. */
  #rotateFrom = 0
  /** On the same clock. */
  #lookFrom = 0

  /** Throws file system errors. Writes the first record, of a new trail or a continued one. */
  constructor(settings: AuditSettings) {
    this.#settings = settings
    this.cosignatures = new CosignatureCounts(settings.checkpoints?.witnesses)
    this.#pending = new PendingRecords(settings.maxPending)
    this.#reports = new ErrorReports(settings.onError)
    this.#stream = settings.stream
    // The failed write reports it as well; without a listener it would end the process.
    this.#stream?.on('error', () => {})
    this.#keys = settings.keyFile === undefined ? undefined : new AuditKeys(settings.keyFile)
    this.#file = settings.file === undefined ? undefined : new AuditFile(settings.file)
    const { first, head, lineEnd, torn } = this.#begin(settings.after)
    this.#head = head
    this.#lineEnd = lineEnd
    this.#torn = torn
    this.#checkpoints = this.#openCheckpoints()
    this.#sinks = new SinkGroup(settings.sinks, {
      leftOut: (sink, count) => this.add(own('audit.sink-left-out', { sink, count })),
      error: (error) => this.#reports.report(error),
    })
    this.add(first)
  }

  #begin(after: Head | undefined): Beginning {
    const report = (error: unknown): void => this.#reports.report(error)
    try {
      return beginningOf({ file: this.#file, keys: this.#keys, after, report })
    } catch (error) {
      this.#file?.close()
      throw error
    }
  }

  #openCheckpoints(): CheckpointLog | undefined {
    const { checkpoints, file } = this.#settings
    if (checkpoints === undefined) return undefined
    return new CheckpointLog(checkpoints, {
      file,
      head: this.#head,
      flush: async () => this.#file?.flush(),
      report: (error) => this.#reports.report(error),
      countCosignature: (witness, outcome) => this.cosignatures.add(witness, outcome),
    })
  }

  /** What is kept beside the trail must not be ahead of it. */
  #leaveFile(): void {
    if (this.#checkpoints === undefined) return
    this.#file?.flushNow()
    this.#checkpoints.save()
  }

  get head(): Head {
    return this.#head
  }

  /** Records that wait to be written. */
  get pending(): number {
    return this.#pending.length
  }

  /** What went wrong so far. */
  get errors(): number {
    return this.#reports.count
  }

  /** False, with nothing done, for a record that has no room to wait. */
  offer(json: string, cause: Cause): boolean {
    if (!this.#pending.hasRoomFor(json, cause)) return false
    this.add(json)
    return true
  }

  /** Like `offer`, for the trail's own few records. */
  add(json: string): void {
    this.#pending.add(json)
    // After a failure, not with every record: a full disk is tried once a second.
    if (this.#retry === undefined) this.#start()
  }

  /** Resolves when everything has been written, or could not be and waits for another attempt. */
  async flush(): Promise<void> {
    if (this.#retry !== undefined) this.#start()
    while (this.#writing !== undefined) await this.#writing
  }

  async reopen(): Promise<void> {
    await this.flush()
    this.#leaveFile()
    this.#file?.reopen()
    this.add(own('audit.continued'))
    await this.flush()
  }

  /**
   * Writes what is left, the record `audit.closed` last. Resolves after 20 seconds in any case: a disk
   * or another server may not answer at all.
   */
  async close(): Promise<void> {
    this.add(own('audit.closed'))
    const until = performance.now() + CLOSED_WITHIN
    const isWritten = await this.#endsBy(until, 'its last records are written', this.flush())
    clearTimeout(this.#retry)
    const lost = this.#pending.length
    if (lost > 0) this.#reports.report(new Error(`closed with ${lost} records not written`))
    const [isSigned] = await Promise.all([
      this.#endsBy(until, 'the last checkpoint is made', this.#checkpoints?.close()),
      this.#endsBy(until, 'its sinks are closed', this.#sinks.close()),
    ])
    // What still writes to the file would write to the next one that gets its number.
    if (!isWritten || !isSigned) return
    this.#file?.close()
    this.#keys?.close()
  }

  /** False, and a report, for what has not ended by then. */
  async #endsBy(until: number, what: string, work: Promise<void> | undefined): Promise<boolean> {
    try {
      await within(Math.max(0, until - performance.now()), work ?? Promise.resolve())
      return true
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.#reports.report(new Error(`closed before ${what}: ${why}`))
      return false
    }
  }

  #start(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  async #write(): Promise<void> {
    clearTimeout(this.#retry)
    this.#retry = undefined
    // One turn later, so that everything recorded in one turn of the event loop is one write.
    await new Promise((next) => setImmediate(next))
    while (this.#pending.length > 0) {
      await this.#lookAtFile()
      this.#rotateIfFull()
      if (!(await this.#writeBatch(this.#pending.batch()))) return
    }
  }

  /** False for a failure, after which the records wait for the next attempt. */
  async #writeBatch(batch: readonly string[]): Promise<boolean> {
    const sealed: Sealed[] = []
    try {
      await this.#keys?.reserve(batch.length)
      for (const json of batch) {
        const key = this.#keys?.at(sealed.length)
        sealed.push(seal(json, sealed.at(-1)?.head ?? this.#head, key))
      }
      await this.#append(this.#lineEnd + sealed.map(({ line }) => line).join(''))
    } catch (error) {
      this.#fail(error, sealed)
      return false
    }
    this.#lineEnd = ''
    this.#advance(sealed)
    return true
  }

  #append(text: string): Promise<void> {
    return this.#file?.append(text) ?? appendTo(this.#stream, text)
  }

  /** Removes the records that have been written from those that wait. */
  #advance(written: readonly Sealed[]): void {
    const before = this.#head.seq
    const { head } = written.at(-1) ?? { head: this.#head }
    this.#pending.removeOldest(written.length)
    this.#keys?.release(written.length)
    this.#head = head
    this.#checkpoints?.add(written.map(({ line }) => line))
    this.#sinks.take(written)
    const { anchor } = this.#settings
    if (anchor === undefined) return
    if (Math.floor(head.seq / anchor.every) <= Math.floor(before / anchor.every)) return
    this.#reports.guard(() => anchor.to(head))
  }

  /** Reads back what a failed write left of `attempted`, and tries again later. */
  #fail(error: unknown, attempted: readonly Sealed[]): void {
    this.#reports.report(error)
    this.#retry = setTimeout(() => this.#start(), RETRY_AFTER).unref()
    if (this.#file === undefined) return
    try {
      this.#file.cutUnfinished()
    } catch (second) {
      this.#reports.report(second)
    }
    try {
      this.#file.reopen()
      const { head, isUnended, torn, tornHash } = this.#file.end()
      const last = attempted.findIndex((each) => each.head.hash === head?.hash)
      this.#advance(attempted.slice(0, last + 1))
      // From an earlier crash, which is accounted for already, or from what could not be taken
      // back.
      const isKnown = this.#lineEnd !== '' && torn === this.#torn
      this.#lineEnd = torn > 0 || isUnended ? '\n' : ''
      this.#torn = torn
      if (torn > 0 && !isKnown) this.#pending.addFirst(own('audit.resumed', { torn, tornHash }))
    } catch (second) {
      this.#reports.report(second)
    }
  }

  /** What is appended to a removed file is lost, and two chains in one file prove nothing. */
  async #lookAtFile(): Promise<void> {
    const file = this.#file
    if (file === undefined || performance.now() < this.#lookFrom) return
    this.#lookFrom = performance.now() + RETRY_AFTER
    try {
      const found = await file.disturbance()
      if (found === undefined) return
      this.#reports.report(new Error(DISTURBANCES[found]))
      if (found !== 'gone') return
      this.#leaveFile()
      file.reopen()
      this.#lineEnd = ''
      this.#pending.addFirst(own('audit.continued', { removed: true }))
    } catch (error) {
      this.#reports.report(error)
    }
  }

  #rotateIfFull(): void {
    const file = this.#file
    if (file === undefined || file.size < this.#settings.maxBytes) return
    if (performance.now() < this.#rotateFrom) return
    // What ends an unfinished line belongs right after it.
    if (this.#lineEnd !== '') return
    try {
      this.#leaveFile()
      const from = file.rotate(this.#head)
      this.#pending.addFirst(own('audit.continued', { from }))
    } catch (error) {
      // Not with every write: each attempt waits for the disk, and is reported.
      this.#rotateFrom = performance.now() + RETRY_AFTER
      this.#reports.report(error)
    }
  }
}
