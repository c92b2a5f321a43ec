import { type Instrument, type Metrics, type Reading, Tally } from '@truehop/ip/internal'
import { OUTCOMES, type WitnessOutcome } from './checkpoints/witness.js'
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
  description: 'What went wrong with writing, with the anchor, and with witnesses',
}
const PENDING: Instrument = {
  name: 'truehop.audit.pending',
  kind: 'up-down-counter',
  unit: '{record}',
  description: 'Records that wait to be written',
}
const COSIGNATURES: Instrument = {
  name: 'truehop.audit.cosignatures',
  kind: 'counter',
  unit: '{checkpoint}',
  description: 'Checkpoints that a witness was asked to cosign',
}

const APPLICATION = 'application'

/** What writes the records. */
interface Writer {
  readonly pending: number
  readonly errors: number
  readonly cosignatures: CosignatureCounts
}

/** How witnesses answered, each by its name in the configuration. */
export class CosignatureCounts {
  readonly #counts = new Map<string, Tally<WitnessOutcome>>()

  /** Begins with 0 for each outcome: an alert rule sees the first one only so. */
  constructor(witnesses: readonly { readonly key: { readonly name: string } | undefined }[] = []) {
    for (const { key } of witnesses) {
      for (const outcome of OUTCOMES) this.add(key?.name ?? '', outcome, 0)
    }
  }

  add(witness: string, outcome: WitnessOutcome, count = 1): void {
    const counts = this.#counts.get(witness) ?? new Tally<WitnessOutcome>()
    counts.add(outcome, count)
    this.#counts.set(witness, counts)
  }

  *entries(): Iterable<readonly [witness: string, outcome: WitnessOutcome, count: number]> {
    for (const [witness, counts] of this.#counts) {
      for (const [outcome, count] of counts.entries()) yield [witness, outcome, count]
    }
  }
}

/**
 * What one trail has written. Names of events that the application records are not attributes: they
 * count as `application`.
 */
export class AuditMetrics implements Metrics {
  readonly instruments = [RECORDS, LEFT_OUT, ERRORS, PENDING, COSIGNATURES]
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
    for (const [witness, outcome, count] of this.#writer.cosignatures.entries()) {
      const attributes = { 'truehop.audit.witness': witness, 'truehop.audit.outcome': outcome }
      yield [COSIGNATURES, count, attributes]
    }
  }
}

function nameOf(event: string): string {
  return EVENTS.has(event) ? event : APPLICATION
}
