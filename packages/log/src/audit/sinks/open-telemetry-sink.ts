import { LogError } from '../../log-error.js'
import type { AuditSink, SinkListener, SinkRecord } from './audit-sink.js'
import { severityOf } from './severity.js'

/** The part of a logger of `@opentelemetry/api-logs` that is needed. */
export interface LogEmitter {
  emit(record: {
    readonly timestamp: Date
    readonly observedTimestamp: Date
    readonly severityNumber: number
    readonly severityText: string
    readonly eventName: string
    readonly body: string
    readonly attributes: Record<string, string | number>
  }): void
}

/**
 * Hands records to a logger of OpenTelemetry, `logs.getLogger('audit')`: the body is the record as it
 * is in the file. How they get to a collector, and what happens to those that cannot, is up to the
 * logger's processor and exporter; what they drop, `verifyAudit` on the collector's file shows.
 *
 * @throws {LogError} for a value that is not a logger.
 */
export function openTelemetrySink(logger: LogEmitter): AuditSink {
  if (typeof (logger as Partial<LogEmitter> | null)?.emit !== 'function') {
    throw new LogError(
      'bad-option',
      'logger',
      "must be a logger of @opentelemetry/api-logs; write logs.getLogger('audit')",
    )
  }
  return new OpenTelemetrySink(logger)
}

class OpenTelemetrySink implements AuditSink {
  readonly name = 'opentelemetry'
  readonly #logger: LogEmitter
  #listener: SinkListener | undefined

  constructor(logger: LogEmitter) {
    this.#logger = logger
  }

  open(listener: SinkListener): void {
    this.#listener = listener
  }

  take({ line, event, seq, time }: SinkRecord): void {
    const { openTelemetry: severityNumber, text: severityText } = severityOf(event)
    try {
      this.#logger.emit({
        timestamp: new Date(time),
        observedTimestamp: new Date(),
        severityNumber,
        severityText,
        eventName: `truehop.audit.${event.replace(/^audit\./, '')}`,
        body: line,
        attributes: { 'truehop.audit.event': event, 'truehop.audit.seq': seq, ...partiesIn(line) },
      })
    } catch (error) {
      this.#listener?.error(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async close(): Promise<void> {}
}

/** Who the record is about, in the form that it shows addresses. */
function partiesIn(line: string): Record<string, string> {
  const { client, peer }: Readonly<Record<string, unknown>> = JSON.parse(line)
  return {
    ...(typeof client === 'string' ? { 'client.address': client } : {}),
    ...(typeof peer === 'string' ? { 'network.peer.address': peer } : {}),
  }
}
