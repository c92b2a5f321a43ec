import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api'
import type { Instrument, Metrics, Timing } from '@truehop/ip/internal'
import { Sums } from './sums.js'

/**
 * Gives a meter what metrics say, from its construction to `stop()`.
 *
 * `metrics` is asked for again for each collection, so that lists may grow. An instrument that
 * turns up then is made then, and has values from the next collection on.
 */
export class Observer {
  readonly #meter: Meter
  readonly #metrics: () => ReadonlySet<Metrics>
  /** By name: two copies of a package describe an instrument each. */
  readonly #instruments = new Map<string, Observable>()
  readonly #timings = new Map<string, () => void>()

  constructor(meter: Meter, metrics: () => ReadonlySet<Metrics>) {
    this.#meter = meter
    this.#metrics = metrics
    this.#make(metrics())
    this.#register()
  }

  stop(): void {
    this.#unregister()
    for (const stop of this.#timings.values()) stop()
    this.#timings.clear()
  }

  #report = (result: BatchObservableResult): void => {
    const metrics = this.#metrics()
    if (this.#hasMore(metrics)) {
      this.#unregister()
      this.#make(metrics)
      this.#register()
    }
    const sums = new Sums()
    for (const each of metrics) for (const reading of each.read()) sums.add(reading)
    for (const [{ name }, { value, attributes }] of sums.entries()) {
      const of = this.#instruments.get(name)
      if (of !== undefined) result.observe(of, value, attributes)
    }
  }

  #hasMore(metrics: ReadonlySet<Metrics>): boolean {
    return [...metrics].some(({ instruments }) =>
      instruments.some(({ name }) => !this.#instruments.has(name)),
    )
  }

  #make(metrics: ReadonlySet<Metrics>): void {
    for (const { instruments, timings = [] } of metrics) {
      for (const each of instruments) {
        const { name } = each
        if (!this.#instruments.has(name)) this.#instruments.set(name, observable(this.#meter, each))
      }
      for (const each of timings) {
        if (!this.#timings.has(each.name)) this.#timings.set(each.name, time(this.#meter, each))
      }
    }
  }

  #register(): void {
    this.#meter.addBatchObservableCallback(this.#report, [...this.#instruments.values()])
  }

  #unregister(): void {
    this.#meter.removeBatchObservableCallback(this.#report, [...this.#instruments.values()])
  }
}

function observable(meter: Meter, { name, kind, unit, description }: Instrument): Observable {
  const options = { unit, description }
  if (kind === 'counter') return meter.createObservableCounter(name, options)
  if (kind === 'gauge') return meter.createObservableGauge(name, options)
  return meter.createObservableUpDownCounter(name, options)
}

/** Returns what ends it. */
function time(meter: Meter, { name, description, buckets, channel, read }: Timing): () => void {
  const histogram = meter.createHistogram(name, {
    unit: 's',
    description,
    advice: { explicitBucketBoundaries: [...buckets] },
  })
  const listener = (message: unknown): void => {
    const measured = read(message)
    if (measured !== undefined) histogram.record(measured[0], measured[1])
  }
  subscribe(channel, listener)
  return () => unsubscribe(channel, listener)
}
