/**
 * How an object describes what can be measured of it, so that one call can observe all of them and
 * no package needs another, or OpenTelemetry, for that.
 */

/** Of a value. Reasons and names of the configuration: never text that a client chose. */
export type MetricAttributes = Readonly<Record<string, string | number | boolean>>

/** An OpenTelemetry instrument whose value is asked for. */
export interface Instrument {
  readonly name: string
  readonly kind: 'counter' | 'up-down-counter' | 'gauge'
  /** As OpenTelemetry writes them: `s`, `{request}`. */
  readonly unit: string
  readonly description: string
}

/** Values of one set of attributes are added up over all that is observed. */
export type Reading = readonly [
  instrument: Instrument,
  value: number,
  attributes?: MetricAttributes | undefined,
]

/** A histogram of seconds, over the whole process: what is measured comes on a diagnostics channel. */
export interface Timing {
  readonly name: string
  readonly description: string
  /** Upper bounds of the buckets, in seconds. */
  readonly buckets: readonly number[]
  readonly channel: string
  /** Undefined for a message that measures nothing. */
  read(message: unknown): readonly [seconds: number, attributes: MetricAttributes] | undefined
}

/** What one thing can say of itself. Read once for each collection, however many objects share it. */
export interface Metrics {
  readonly instruments: readonly Instrument[]
  readonly timings?: readonly Timing[] | undefined
  /** Values now, of these instruments. */
  read(): Iterable<Reading>
}

/** Something to give to `observe` of `@truehop/identity/opentelemetry`. */
export interface Metered {
  readonly metrics: readonly Metrics[]
}

/** Counts by name. The names are those of the configuration: whoever counts answers for that. */
export class Tally<Name extends string = string> {
  readonly #counts = new Map<Name, number>()

  add(name: Name, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count)
  }

  entries(): Iterable<readonly [Name, number]> {
    return this.#counts
  }
}
