import { channel } from 'node:diagnostics_channel'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import type { Instrument, Metered, Metrics, Timing } from '@truehop/ip/internal'
import { expect, onTestFinished, test } from 'vitest'
import { definePolicy } from '../src/index.js'
import { type Observed, ObserveError, observe } from '../src/opentelemetry.js'

function reader() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reading = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reading] })
  onTestFinished(() => provider.shutdown())
  const read = async () => {
    exporter.reset()
    await reading.forceFlush()
    return exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics)
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [descriptor.name, attributes, value]),
      )
  }
  return { meter: provider.getMeter('test'), read }
}

const JOBS: Instrument = { name: 'jobs', kind: 'counter', unit: '{job}', description: 'Jobs' }
const AGE: Instrument = { name: 'age', kind: 'gauge', unit: 's', description: 'Age' }

function metered(jobs: number, age: number, shared: readonly Metrics[] = []): Metered {
  const own: Metrics = {
    instruments: [JOBS, AGE],
    read: () => [
      [JOBS, jobs, { of: 'a' }],
      [AGE, age],
    ],
  }
  return { metrics: [own, ...shared] }
}

test('values of equal attributes are added up, and of gauges the highest counts', async () => {
  const { meter, read } = reader()
  observe(meter, { limiters: [metered(2, 5), metered(3, 4)] })
  expect(await read()).toEqual([
    ['jobs', { of: 'a' }, 5],
    ['age', {}, 5],
  ])
})

test('what several share is read once', async () => {
  const { meter, read } = reader()
  const keys: Instrument = { name: 'keys', kind: 'up-down-counter', unit: '1', description: 'Keys' }
  const shared: Metrics = { instruments: [keys], read: () => [[keys, 7]] }
  const one = metered(1, 1, [shared])
  observe(meter, { limiters: [one, metered(1, 1, [shared])], lists: one })
  expect(await read()).toContainEqual(['keys', {}, 7])
  expect(await read()).toContainEqual(['jobs', { of: 'a' }, 2])
})

test('a list that grows is followed, with instruments that nobody had before', async () => {
  const { meter, read } = reader()
  const lists: Metered[] = []
  observe(meter, { policy: definePolicy({ hops: [] }), lists })
  lists.push(metered(2, 1))
  await read()
  expect(await read()).toContainEqual(['jobs', { of: 'a' }, 2])
})

test('a histogram has what its channel measured until the observation ends', async () => {
  const { meter, read } = reader()
  const took: Timing = {
    name: 'took',
    description: 'Time',
    buckets: [1, 2],
    channel: 'test.took',
    read: (message) => (message === 'nothing' ? undefined : [Number(message), { of: 'b' }]),
  }
  const timed: Metrics = { instruments: [], timings: [took], read: () => [] }
  const stop = observe(meter, { audit: [{ metrics: [timed] }, { metrics: [timed] }] })
  for (const message of [0.5, 1.5, 'nothing']) channel('test.took').publish(message)
  stop()
  expect(channel('test.took').hasSubscribers).toBe(false)
  expect(await read()).toEqual([
    ['took', { of: 'b' }, expect.objectContaining({ count: 2, sum: 2 })],
  ])
})

test('takes a member that is undefined for one that is left out', async () => {
  const { meter, read } = reader()
  observe(meter, { limiters: metered(2, 5), lists: undefined, policy: undefined })
  expect(await read()).toHaveLength(2)
})

test.each<readonly [string, unknown, string]>([
  ['a member that is unknown', { limiter: [] }, 'limiters'],
  ['a server without counters', { servers: [{}] }, 'servers'],
  ['a policy that is only described', { policy: { hops: [] } }, 'definePolicy'],
  ['options of a limiter', { limiters: { limit: 1, window: 1 } }, 'app.rateLimiters'],
  ['a list of the wrong things', { lists: [metered(1, 1), 'a'] }, "got 'a'"],
  ['null', { audit: null }, 'got null'],
  ['nothing at all', undefined, 'policy'],
  ['no member', {}, 'names nothing to observe'],
  ['nothing but undefined', { limiters: undefined, lists: undefined }, 'write { policy'],
])('refuses %s and says what to write', (_what, observed, hint) => {
  const { meter } = reader()
  const attempt = () => observe(meter, observed as Observed)
  expect(attempt).toThrow(ObserveError)
  expect(attempt).toThrow(hint)
})
