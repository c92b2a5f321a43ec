import { aboutLine, type Sealed } from '../chain.js'
import type { AuditSink } from './audit-sink.js'

/** What the sinks of a trail tell it. */
interface GroupListener {
  leftOut(sink: string, count: number): void
  error(error: unknown): void
}

/** The sinks of a trail, none of which may cost it a record. */
export class SinkGroup {
  readonly #sinks: readonly AuditSink[]
  readonly #listener: GroupListener

  constructor(sinks: readonly AuditSink[], listener: GroupListener) {
    this.#sinks = sinks
    this.#listener = listener
    for (const sink of sinks) {
      sink.open({
        leftOut: (count) => listener.leftOut(sink.name, count),
        error: (error) => listener.error(error),
      })
    }
  }

  /** Records that have been written. */
  take(written: readonly Sealed[]): void {
    if (this.#sinks.length === 0) return
    for (const { line, head } of written) {
      const { event = '', time = Date.now() } = aboutLine(line)
      for (const sink of this.#sinks) {
        try {
          sink.take({ line: line.slice(0, -1), event, seq: head.seq, time })
        } catch (error) {
          this.#listener.error(error)
        }
      }
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#sinks.map((sink) => sink.close()))
  }
}
