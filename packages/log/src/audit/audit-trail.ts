import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Metrics } from '@truehop/ip/internal'
import { LogError } from '../log-error.js'
import { type AddressPrivacy, privacyOf } from '../privacy/address-privacy.js'
import { AuditMetrics } from './audit-metrics.js'
import type { AuditOptions } from './audit-options.js'
import { AuditWriter } from './audit-writer.js'
import type { Head } from './chain.js'
import { AUDIT_CHANNELS, causeOf, eventJson } from './events.js'
import { own } from './own-records.js'
import { RateGate } from './rate-gate.js'
import { readAuditOptions } from './read-audit-options.js'

/** Milliseconds after which the number of records left out is written. */
const TELL_AFTER = 1000

/**
 * Writes what was refused or changed to a separate file or stream, each record chained to the one
 * before it, so that `verifyAudit` finds what was removed, altered or moved (see chain.ts for what
 * that proves and what it does not).
 *
 * Listens to the diagnostics channels of truehop from its construction to `close()`.
 */
export class AuditTrail {
  /** For `observe` of `@truehop/identity/opentelemetry`. */
  readonly metrics: readonly Metrics[]
  readonly #counts: AuditMetrics
  readonly #privacy: AddressPrivacy
  readonly #gate: RateGate
  readonly #writer: AuditWriter
  readonly #listeners: readonly (readonly [string, (message: unknown) => void])[]
  #telling: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  /** Throws `LogError` for bad options, and file system errors. */
  constructor(options: AuditOptions) {
    const settings = readAuditOptions(options)
    this.#privacy = privacyOf(settings.privacy)
    this.#gate = new RateGate(settings.maxPerSecond)
    this.#writer = new AuditWriter(settings)
    this.#counts = new AuditMetrics(this.#writer)
    this.metrics = [this.#counts]
    this.#listeners = Object.entries(AUDIT_CHANNELS).map(([name, reading]) => {
      const listener = (message: unknown): void => {
        if (typeof message !== 'object' || message === null) return
        const event = reading(message)
        if (event !== undefined) this.record(event, message)
      }
      subscribe(name, listener)
      return [name, listener]
    })
  }

  /** The last record written. Kept elsewhere, it proves later that nothing up to it was changed. */
  get head(): Head {
    return this.#writer.head
  }

  /**
   * Records an event, which may be the application's own. The message's plain values are kept;
   * `identity` and Node's `request` are written as in all records. Does nothing after `close()`.
   * Throws `LogError` for a name that starts with `audit.`: those are the trail's own.
   */
  record(event: string, message: object): void {
    if (event.startsWith('audit.')) {
      throw new LogError(
        'bad-option',
        'event',
        `must not start with audit., which is for the trail itself, got '${event}'`,
      )
    }
    if (this.#closing === undefined && !this.#take(event, message)) this.#tellLater()
  }

  /** Resolves when everything recorded so far has been written, or could not be yet. */
  flush(): Promise<void> {
    return this.#writer.flush()
  }

  /** Continues in a new file of the same name, after the old one has been rotated. */
  reopen(): Promise<void> {
    return this.#writer.reopen()
  }

  /** Ends the trail with a record that says so. Nothing is recorded after it. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const [name, listener] of this.#listeners) unsubscribe(name, listener)
    clearTimeout(this.#telling)
    this.#tell()
    await this.#writer.close()
  }

  /** False for an event that has no room, which is counted. */
  #take(event: string, message: object): boolean {
    const cause = causeOf(event, message)
    const isAdmitted = this.#gate.admits(event, cause, Date.now())
    if (isAdmitted && this.#writer.offer(eventJson({ event, message }, this.#privacy), cause)) {
      this.#counts.countRecord(event)
      return true
    }
    if (isAdmitted) this.#gate.count(event)
    this.#counts.countLeftOut(event)
    return false
  }

  #tellLater(): void {
    this.#telling ??= setTimeout(() => this.#tell(), TELL_AFTER).unref()
  }

  #tell(): void {
    this.#telling = undefined
    const counts = this.#gate.take()
    if (counts !== undefined) this.#writer.add(own('audit.left-out', { counts }))
  }
}

/** Opens an audit trail. See `AuditTrail`. */
export function auditTrail(options: AuditOptions): AuditTrail {
  return new AuditTrail(options)
}
