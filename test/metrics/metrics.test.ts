import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Meter } from '@opentelemetry/api'
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { allowlist } from '@truehop/allowlist/fastify'
import { truehop } from '@truehop/fastify'
import { definePolicy, type LiveRanges } from '@truehop/identity'
import { observe } from '@truehop/identity/opentelemetry'
import { openInspectors } from '@truehop/inspector'
import { inspector } from '@truehop/inspector/fastify'
import { auditTrail, createCheckpointKey } from '@truehop/log'
import { acceptProxyProtocol } from '@truehop/proxy-protocol'
import { MemoryStore, type Store } from '@truehop/rate-limit'
import { rateLimit } from '@truehop/rate-limit/fastify'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** The tables of the page: an instrument, or an attribute, in a row. */
const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
const documented = rows
  .filter((cells) => cells.length === 7)
  .map(([, name = '', type = '', unit = '', attributes = '']) => ({
    name: name.replaceAll('`', ''),
    type,
    unit: unit.replaceAll('`', ''),
    attributes: [...attributes.matchAll(/`([^`]+)`/g)].map(([, each]) => each).sort(),
  }))
const documentedAttributes = rows
  .filter((cells) => cells.length === 4)
  .map(([, name = '']) => name.replaceAll('`', ''))

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
const provider = new MeterProvider({ readers: [reader] })

const ranges: LiveRanges = {
  name: 'edge',
  has: ({ text }) => text === '192.0.2.200',
  status: () => ({
    name: 'edge',
    size: 1,
    version: 'v1',
    updatedAt: Date.now() - 1000,
    stale: false,
    lastError: undefined,
  }),
}

/** As entries that are shared by all instances say it. */
const shared = { ...ranges, status: () => ({ ...ranges.status(), pending: 1 }) }

/** Of a cluster with one node, which fails where a request asks for it. */
class NodeStore implements Store {
  readonly kind = 'test'
  readonly #memory = new MemoryStore(100)
  failing = false

  async ask(...[act, lines]: Parameters<Store['ask']>) {
    if (this.failing) throw new Error('gone')
    return this.#memory.ask(act, lines)
  }

  place() {
    return { group: 'a', node: 'node-1' }
  }
}

const policy = definePolicy({
  hops: [
    { name: 'lb', from: ['127.0.0.1'], asserts: 'x-forwarded-for' },
    { name: 'edge', from: [ranges], asserts: 'x-forwarded-for' },
  ],
})
const store = new NodeStore()
/** Of a witness that there is not. */
const WITNESS = 'witness.example.org/w1+c12b1b8a+BCa2IZLZ57g+I2WGQbiq1HVtUCNso+nsGaV/m0UAKLrE'
const folder = mkdtempSync(join(tmpdir(), 'truehop-metrics-'))
createCheckpointKey(join(folder, 'key'), 'example.com/audit')
const trail = auditTrail({
  stream: new PassThrough().resume(),
  address: 'truncated',
  maxPerSecond: 1,
  checkpoints: {
    keyFile: join(folder, 'key'),
    file: join(folder, 'checkpoint'),
    // Nobody answers there; each outcome is counted from 0 on.
    witnesses: [{ url: 'http://127.0.0.1:9/', key: WITNESS }],
  },
})
const app = Fastify()
/** Receives PROXY headers: a server of its own, since the client cannot write both kinds of evidence. */
const lines = Fastify()
const ignore = (): void => {}
let stop = ignore

async function serve(meter: Meter): Promise<void> {
  await app.register(truehop, { policy })
  await app.register(rateLimit, { limit: 1000, window: 60, name: 'everyone' })
  await app.register(allowlist, { lists: { admins: { allow: [shared], mode: 'report' } } })
  await app.register(inspector, { prefix: '/_truehop', allow: ['198.51.100.1'] })
  app.get('/', () => 'answer')
  app.get('/admin', { config: { allowlist: 'admins' } }, () => 'answer')
  const counted = { limit: 9, window: 60, store, onStoreError: 'allow' } as const
  const ban = { after: 1, for: 60 }
  app.get('/one', { config: { rateLimit: { limit: 1, window: 60, ban } } }, () => 'answer')
  app.get('/store', { config: { rateLimit: counted } }, () => 'answer')
  const handle = acceptProxyProtocol(lines.server, { from: ['127.0.0.1'], name: 'public' })
  stop = observe(meter, {
    policy,
    servers: [handle],
    limiters: app.rateLimiters,
    lists: app.allowlists,
    audit: trail,
    inspectors: openInspectors,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  await lines.listen({ host: '127.0.0.1', port: 0 })
}

const ask = (path: string, list = '198.51.100.1') =>
  app.inject({ url: path, remoteAddress: '127.0.0.1', headers: { 'x-forwarded-for': list } })

async function sent(text: string): Promise<void> {
  const socket = connect((lines.server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', ignore).resume().end(text)
  await once(socket, 'close')
}

/** Makes everything happen that is counted apart. */
async function provoke(): Promise<void> {
  subscribe('truehop.identity.conflict', ignore)
  const headers = { 'x-forwarded-for': '198.51.100.1' }
  await app.inject({ url: '/', remoteAddress: '203.0.113.9', headers })
  const conflicting = { 'x-forwarded-for': '198.51.100.1', 'x-real-ip': '203.0.113.1' }
  await app.inject({ url: '/', remoteAddress: '127.0.0.1', headers: conflicting })
  for (const list of ['unknown', '198.51.100.1']) await ask('/', list)
  for (let i = 0; i < 4; i++) await ask('/one')
  await ask('/admin')
  await ask('/store')
  store.failing = true
  await ask('/store')
  await ask('/_truehop/')
  await ask('/_truehop/', '203.0.113.1')
  await sent('PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\nGET / HTTP/1.0\r\n\r\n')
  await sent('GET / HTTP/1.0\r\n\r\n')
  policy.counters.countCollapse('infrastructure')
  policy.counters.countDifference()
  unsubscribe('truehop.identity.conflict', ignore)
}

let metrics: readonly MetricData[] = []

beforeAll(async () => {
  await serve(provider.getMeter('truehop'))
  await provoke()
  await reader.forceFlush()
  // The second collection: an instrument that turned up with the first has values from then on.
  exporter.reset()
  await reader.forceFlush()
  metrics = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((s) => s.metrics))
})
afterAll(async () => {
  stop()
  await Promise.all([app.close(), lines.close(), trail.close(), provider.shutdown()])
  rmSync(folder, { recursive: true })
})

function typeOf({ dataPointType, ...metric }: MetricData): string {
  if (dataPointType === DataPointType.HISTOGRAM) return 'histogram'
  if (dataPointType === DataPointType.GAUGE) return 'gauge'
  return 'isMonotonic' in metric && metric.isMonotonic ? 'counter' : 'up-down counter'
}

const attributesOf = ({ dataPoints }: MetricData): string[] =>
  [...new Set(dataPoints.flatMap(({ attributes }) => Object.keys(attributes)))].sort()

/** `value by attributes` of one instrument. */
function valuesOf(name: string): Record<string, unknown> {
  const points = metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []
  return Object.fromEntries(
    points.map(({ attributes, value }) => [Object.values(attributes).join(' '), value]),
  )
}

describe('what a service emits', () => {
  test('is what the page lists: name, type, unit and attributes', () => {
    const emitted = metrics.map((metric) => ({
      name: metric.descriptor.name,
      type: typeOf(metric),
      unit: metric.descriptor.unit,
      attributes: attributesOf(metric),
    }))
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
    expect(emitted.sort(byName)).toEqual([...documented].sort(byName))
  })

  test('has the attributes of which the page lists the values', () => {
    expect([...new Set(metrics.flatMap(attributesOf))].sort()).toEqual(
      [...documentedAttributes].sort(),
    )
  })

  test('says what each instrument is about', () => {
    expect(metrics.filter(({ descriptor }) => descriptor.description.length < 5)).toEqual([])
  })

  test('counts each request at each limit once', () => {
    expect(valuesOf('truehop.rate_limit.decisions')).toEqual({
      // Not the request without an identity, which was answered before, nor routes with own limits.
      'everyone within-limit': 6,
      'GET /one within-limit': 1,
      // The first of them began the ban.
      'GET /one blocked': 3,
      'GET /store within-limit': 1,
      'GET /store no-answer': 1,
    })
    expect(valuesOf('truehop.rate_limit.bans')).toMatchObject({ 'GET /one': 1, everyone: 0 })
    expect(valuesOf('truehop.rate_limit.near_limit')).toMatchObject({ 'GET /one': 1, everyone: 0 })
  })

  test('counts what the trail has and what had no room', () => {
    const records = valuesOf('truehop.audit.records')
    const leftOut = valuesOf('truehop.audit.left_out')
    const sum = (of: Record<string, unknown>) =>
      Object.values(of).reduce<number>((total, value) => total + Number(value), 0)
    // An undetermined client, three refusals by a limit, one by a list, and one connection.
    expect(sum(records) + sum(leftOut)).toBe(6)
    expect(sum(leftOut)).toBeGreaterThan(0)
  })
})

test('no text of a client is an attribute', () => {
  const values = metrics.flatMap(({ dataPoints }) =>
    dataPoints.flatMap(({ attributes }) => Object.values(attributes).map(String)),
  )
  const sentByClients = ['198.51.100.1', '203.0.113.1', '203.0.113.9', '192.0.2.7', 'unknown']
  expect(values.filter((value) => sentByClients.includes(value))).toEqual([])
})
