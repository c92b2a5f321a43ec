/** A record as it goes to another place beside the file. */
export interface SinkRecord {
  /** The record as it is in the file, without the line end: `verifyAudit` reads it back from there. */
  readonly line: string
  readonly event: string
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly time: number
}

/** What a sink tells its trail. */
export interface SinkListener {
  /** Records that had no room or could not be sent, once others go out again. */
  leftOut(count: number): void
  error(error: Error): void
}

/** Another place that records go to once they are written: `syslogSink(…)`, `openTelemetrySink(…)`. */
export interface AuditSink {
  readonly name: string
  /** Called once, by the trail that it was given to. */
  open(listener: SinkListener): void
  /** Returns at once, whatever the other side does. */
  take(record: SinkRecord): void
  /** Resolves when what waits was sent, or could not be within a few seconds. */
  close(): Promise<void>
}
