import type { IncomingMessage } from 'node:http'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { expect, it } from 'vitest'
import { bindRequest, definePolicy, identityOf } from '../src/index.js'
import { observePolicy } from '../src/opentelemetry.js'

it('the metrics of a policy reach an OpenTelemetry reader under the documented names', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
  const stop = observePolicy(policy, provider.getMeter('test'))
  for (const [peer, list] of [
    ['10.0.0.5', '198.51.100.7'],
    ['10.0.0.5', 'unknown'],
    ['192.0.2.1', '6.6.6.6'],
  ]) {
    const headers = { 'x-forwarded-for': list }
    const raw = { headers, socket: { remoteAddress: peer } } as unknown as IncomingMessage
    bindRequest(raw, policy)
    identityOf(raw)
  }
  policy.replace({ hops: [] })
  await reader.forceFlush()
  const points = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [descriptor.name, attributes, value]),
    )
  expect(points).toEqual([
    ['truehop.identity.resolved', { 'truehop.identity.reason': 'first-untrusted' }, 1],
    ['truehop.identity.resolved', { 'truehop.identity.reason': 'peer-untrusted' }, 1],
    ['truehop.identity.undetermined', { 'truehop.identity.reason': 'unidentified-node' }, 1],
    ['truehop.identity.untrusted_claims', { 'truehop.identity.source': 'x-forwarded-for' }, 1],
    ['truehop.identity.chain_length', { 'truehop.identity.hops': '0' }, 1],
    ['truehop.identity.chain_length', { 'truehop.identity.hops': '1' }, 2],
    ['truehop.policy.version', {}, 2],
  ])
  stop()
  await provider.shutdown()
})
