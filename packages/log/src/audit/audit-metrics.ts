import { type Instrument, type Metrics, type Reading, Tally } from '@truehop/ip/internal'
import { EVENTS } from './events.js'

const RECORDS: Instrument = {
  name: 'truehop.audit.records',
  kind: 'counter',
  unit: '{record}',
  description: 'Events that were taken to be written',
}
const LEFT_OUT: Instrument = {
  name: 'truehop.audit.left_out',
  kind: 'counter',
  unit: '{record}',
  description: 'Events that had no room: beyond maxPerSecond or maxPending',
}
const ERRORS: Instrument = {
  name: 'truehop.audit.errors',
  kind: 'counter',
  unit: '{error}',
  description: 'What went wrong with writing, and with the anchor',
}
const PENDING: Instrument = {
  name: 'truehop.audit.pending',
  kind: 'up-down-counter',
  unit: '{record}',
  description: 'Records that wait to be written',
}

const APPLICATION = 'application'

/** What writes the records. */
interface Writer {
  readonly pending: number
  readonly errors: number
}

/**
 * What one trail has written. Names of events that the application records are not attributes: they
 * count as `application`.
 */
export class AuditMetrics implements Metrics {
  readonly instruments = [RECORDS, LEFT_OUT, ERRORS, PENDING]
  readonly #records = new Tally()
  readonly #leftOut = new Tally()
  readonly #writer: Writer

  constructor(writer: Writer) {
    this.#writer = writer
  }

  countRecord(event: string): void {
    this.#records.add(nameOf(event))
  }

  countLeftOut(event: string): void {
    this.#leftOut.add(nameOf(event))
  }

  *read(): Iterable<Reading> {
    for (const [event, count] of this.#records.entries()) {
      yield [RECORDS, count, { 'truehop.audit.event': event }]
    }
    // Also where there was none: a counter that begins with 1 never rises, to an alert rule.
    for (const event of [...EVENTS, APPLICATION]) {
      yield [LEFT_OUT, 0, { 'truehop.audit.event': event }]
    }
    for (const [event, count] of this.#leftOut.entries()) {
      yield [LEFT_OUT, count, { 'truehop.audit.event': event }]
    }
    yield [ERRORS, this.#writer.errors]
    yield [PENDING, this.#writer.pending]
  }
}

function nameOf(event: string): string {
  return EVENTS.has(event) ? event : APPLICATION
}
