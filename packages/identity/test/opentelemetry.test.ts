import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { expect, onTestFinished, test } from 'vitest'
import {
  bindRequest,
  definePolicy,
  identityOf,
  type LiveRanges,
  type Policy,
} from '../src/index.js'
import { observe } from '../src/opentelemetry.js'

/** How often the ranges were asked for their state. */
let looks = 0
const ranges: LiveRanges = {
  name: 'edge list',
  has: ({ text }) => text.startsWith('10.'),
  status: () => {
    looks++
    const updatedAt = Date.now() - 90_000
    return {
      name: 'edge list',
      size: 7,
      version: 'v1',
      updatedAt,
      stale: true,
      lastError: undefined,
    }
  },
}

/** A reader of the metrics of a policy, and what ends the observation. */
function observed(policy: Policy) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  onTestFinished(() => provider.shutdown())
  const stop = observe(provider.getMeter('test'), { policy })
  const read = async () => {
    exporter.reset()
    await reader.forceFlush()
    return exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics)
  }
  return { read, stop }
}

test('the metrics of live ranges, conflicts and shadow mode are as documented', async () => {
  const trust = { trust: [ranges], header: 'x-forwarded-for' }
  const policy = definePolicy(trust)
  const { read, stop } = observed(policy)
  const listener = () => {}
  subscribe('truehop.identity.conflict', listener)
  const headers = { 'x-forwarded-for': '198.51.100.7', 'x-real-ip': '6.6.6.6' }
  const raw = { headers, socket: { remoteAddress: '10.0.0.5' } } as unknown as IncomingMessage
  bindRequest(raw, policy)
  identityOf(raw)
  unsubscribe('truehop.identity.conflict', listener)
  policy.counters.countDifference()
  const metrics = await read()
  const found = new Map(
    metrics.map(({ descriptor, dataPoints: [point] }) => [descriptor.name, point]),
  )
  const edge = { 'truehop.ranges.name': 'edge list' }
  expect(found.get('truehop.identity.conflicts')).toMatchObject({
    attributes: { 'truehop.identity.source': 'x-real-ip' },
    value: 1,
  })
  expect(found.get('truehop.identity.differences')).toMatchObject({ attributes: {}, value: 1 })
  expect(found.get('truehop.ranges.stale')).toMatchObject({ attributes: edge, value: 1 })
  expect(found.get('truehop.ranges.size')).toMatchObject({ attributes: edge, value: 7 })
  const age = found.get('truehop.ranges.age')
  expect(age?.attributes).toEqual(edge)
  expect(Math.floor(Number(age?.value) / 30)).toBe(3)
  const units = metrics.map(({ descriptor: { name, unit } }) => [name, unit])
  expect(units).toContainEqual(['truehop.ranges.age', 's'])
  const described = metrics
    .filter(({ descriptor }) => descriptor.name.startsWith('truehop.identity.'))
    .filter(({ descriptor }) => descriptor.description.length < 12)
  expect(described).toEqual([])
  stop()
  const asked = looks
  const claim = { headers, socket: { remoteAddress: '192.0.2.1' } } as unknown as IncomingMessage
  bindRequest(claim, policy)
  identityOf(claim)
  const names = (await read())
    .filter(({ dataPoints }) =>
      dataPoints.some(({ attributes }) => 'truehop.identity.source' in attributes),
    )
    .map(({ descriptor }) => descriptor.name)
  expect(names).toEqual(['truehop.identity.conflicts'])
  expect(looks).toBe(asked)
})

test('the metrics of a policy reach an OpenTelemetry reader under the documented names', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
  const stop = observe(provider.getMeter('test'), { policy })
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
    ['truehop.identity.collapsed', { 'truehop.identity.kind': 'one-for-many' }, 0],
    ['truehop.identity.collapsed', { 'truehop.identity.kind': 'infrastructure' }, 0],
    ['truehop.identity.collapsed', { 'truehop.identity.kind': 'header-stopped' }, 0],
    ['truehop.identity.chain_length', { 'truehop.identity.hops': '0' }, 1],
    ['truehop.identity.chain_length', { 'truehop.identity.hops': '1' }, 2],
    ['truehop.policy.version', {}, 2],
  ])
  stop()
  await provider.shutdown()
})
