/*
 * Prometheus ──scrapes──> /metrics on a port of its own
 * proxies ──PROXY header──> this service
 *
 * Everything that is counted, as OpenTelemetry's exporter for Prometheus serves it. Rules and a
 * dashboard for Grafana stand in examples/prometheus.
 *
 *     PROXIES=10.0.0.0/16 METRICS_PORT=9464 node metrics.js
 *
 * The port of the metrics has no access control: keep it on an address that only Prometheus reaches.
 */
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { allowlist } from '@truehop/allowlist/fastify'
import { truehop } from '@truehop/fastify'
import { definePolicy, openRanges } from '@truehop/identity'
import { observe } from '@truehop/identity/opentelemetry'
import { auditTrail } from '@truehop/log'
import { rateLimit } from '@truehop/rate-limit/fastify'
import Fastify from 'fastify'
import { Redis } from 'ioredis'
import { listenAddress } from './listen-address.js'

const { PROXIES = '10.0.0.0/16', METRICS_PORT = '9464', REDIS, AUDIT, DENIED } = process.env

const policy = definePolicy({
  hops: [{ name: 'proxies', from: PROXIES.split(','), asserts: 'proxy-protocol' }],
  proxyProtocol: { name: 'public' },
})
const store = REDIS === undefined ? 'memory' : new Redis(REDIS)
const deny = DENIED === undefined ? [] : await openRanges({ file: DENIED, format: 'lines' })

const app = Fastify({ logger: true })
await app.register(truehop, { policy })
await app.register(allowlist, { name: 'abuse', deny })
await app.register(rateLimit, { name: 'everyone', limit: 100, window: 60, store })
app.get('/', ({ clientIp }) => ({ client: clientIp }))
app.get('/login', { config: { rateLimit: { limit: 5, window: 60 } } }, () => 'welcome')

const trail = auditTrail({ file: AUDIT ?? 'audit.jsonl', address: 'truncated' })
const exporter = new PrometheusExporter({ host: '127.0.0.1', port: Number(METRICS_PORT) })
const meter = new MeterProvider({ readers: [exporter] }).getMeter('truehop')
observe(meter, {
  policy,
  servers: app.proxyProtocol,
  limiters: app.rateLimiters,
  lists: app.allowlists,
  audit: trail,
})
app.addHook('onClose', async () => {
  await Promise.all([trail.close(), exporter.shutdown()])
})

await app.listen(listenAddress)
