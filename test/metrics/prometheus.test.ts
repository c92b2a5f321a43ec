import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../peers/harness/folder.js'
import { describeWithPeers, peerPath } from '../peers/harness/peer.js'
import { freePort } from '../peers/harness/ports.js'
import { startProgram, stopAfterAll } from '../peers/harness/service.js'
import { RedisServer } from '../redis/harness/redis-server.js'

const run = promisify(execFile)

const examples = fileURLToPath(new URL('../../examples', import.meta.url))
const folder = join(examples, 'prometheus')

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
}
const dashboard: { readonly panels: readonly Panel[] } = JSON.parse(
  readFileSync(join(folder, 'dashboard.json'), 'utf8'),
)
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => ({ title, expr })),
)

/** What of the page a dashboard, or an alert rule, has. Prometheus allows no dots in names. */
const documented = [
  ...readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8').matchAll(
    /^\| `(truehop\.[\w.]+)` \| (counter|gauge|histogram|up-down counter) \|/gm,
  ),
].flatMap(([, name = '', type]) => {
  const stem = name.replaceAll('.', '_')
  if (type === 'histogram') return [`${stem}_bucket`, `${stem}_count`, `${stem}_sum`]
  return [type === 'counter' ? `${stem}_total` : stem]
})
const namesIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\btruehop_\w+(?=[{[])/g)].map(([name]) => name)),
]

test('the dashboard and the rules ask for what the page lists', () => {
  const asked = ['dashboard.json', 'rules.yml'].flatMap((name) =>
    namesIn(readFileSync(join(folder, name), 'utf8')),
  )
  expect(asked.length).toBeGreaterThan(20)
  expect(asked.filter((name) => !documented.includes(name))).toEqual([])
})

describeWithPeers(['prometheus'], 'promtool', () => {
  const promtool = () => join(peerPath('prometheus'), '../promtool')

  test.each([
    ['finds the configuration in order', ['check', 'config', 'prometheus.yml']],
    ['finds the rules in order', ['check', 'rules', 'rules.yml']],
    [
      'finds that each rule fires when it should, and not before',
      ['test', 'rules', 'rules.test.yml'],
    ],
  ])('%s', async (_what, args) => {
    const { stdout, stderr } = await run(promtool(), args, { cwd: folder })
    expect(`${stdout}${stderr}`).toContain('SUCCESS')
  })
})

/** One value of a query. */
interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

describeWithPeers(['prometheus', 'redis'], 'the example, scraped by Prometheus', () => {
  const keep = stopAfterAll()
  const ports = { service: 0, metrics: 0, prometheus: 0 }

  async function startExample(redis: number): Promise<void> {
    const files = temporaryFolder('metrics')
    writeFileSync(join(files, 'denied.txt'), '203.0.113.0/24\n')
    const env = {
      PROXIES: '127.0.0.1',
      PORT: String(ports.service),
      METRICS_PORT: String(ports.metrics),
      REDIS: `redis://127.0.0.1:${redis}`,
      DENIED: join(files, 'denied.txt'),
      AUDIT: join(files, 'audit.jsonl'),
    }
    const args = [join(examples, 'dist/metrics.js')]
    const readyPort = ports.service
    const patience = 40_000
    keep(
      await startProgram({ path: process.execPath, args, env, readyPort, patience, folder: files }),
    )
  }

  async function startPrometheus(): Promise<void> {
    const files = temporaryFolder('prometheus')
    const config = readFileSync(join(folder, 'prometheus.yml'), 'utf8')
      .replace('15s', '1s')
      .replace('127.0.0.1:9464', `127.0.0.1:${ports.metrics}`)
      .replace('rules.yml', join(folder, 'rules.yml'))
    writeFileSync(join(files, 'prometheus.yml'), config)
    const args = [
      `--config.file=${join(files, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(files, 'data')}`,
      `--web.listen-address=127.0.0.1:${ports.prometheus}`,
    ]
    const readyPort = ports.prometheus
    const path = peerPath('prometheus')
    keep(await startProgram({ path, args, readyPort, readyAnswers: true, folder: files }))
  }

  async function sent(bytes: string): Promise<void> {
    const socket = connect(ports.service, '127.0.0.1')
    socket.on('error', () => {}).resume()
    socket.write(bytes)
    await once(socket, 'close')
  }

  /** Something of everything that the dashboard shows. */
  async function traffic(): Promise<void> {
    const from = (address: string, path: string) =>
      `PROXY TCP4 ${address} 192.0.2.2 1 2\r\nGET ${path} HTTP/1.0\r\n\r\n`
    for (let i = 0; i < 3; i++) await sent(from('198.51.100.7', '/login'))
    await sent(from('198.51.100.8', '/'))
    await sent(from('203.0.113.7', '/'))
    // Nobody's address: undetermined.
    await sent(from('0.0.0.0', '/'))
    await sent('GET / HTTP/1.0\r\n\r\n')
  }

  async function query(expr: string): Promise<readonly Series[]> {
    const url = new URL(`http://127.0.0.1:${ports.prometheus}/api/v1/query`)
    url.searchParams.set('query', expr)
    const response = await fetch(url)
    const { status, data, error } = (await response.json()) as {
      readonly status: string
      readonly data?: { readonly result: readonly Series[] }
      readonly error?: string
    }
    if (status !== 'success' || data === undefined) throw new Error(`${expr}: ${error}`)
    return data.result
  }

  /** As Grafana fills in the variables of a dashboard. */
  const filledIn = (expr: string): string =>
    expr
      .replaceAll('$job', 'truehop')
      .replaceAll('$instance', '.*')
      .replaceAll('$__rate_interval', '1m')

  beforeAll(async () => {
    for (const name of ['service', 'metrics', 'prometheus'] as const) ports[name] = await freePort()
    const redis = await RedisServer.start()
    keep({ stop: () => redis.stop() })
    await startExample(redis.port)
    await startPrometheus()
    const enough = [
      'count_over_time(truehop_rate_limit_near_limit_total[1m]) > 4',
      'truehop_proxy_protocol_header_duration_count > 3',
    ].join(' and on(instance) ')
    // A rate needs a value before and one after.
    for (const start = Date.now(); Date.now() - start < 30_000; await delay(500)) {
      await traffic()
      if ((await query(enough)).length > 0) break
    }
  })

  test('is up', async () => {
    expect((await query('up')).map(({ value: [, value] }) => value)).toEqual(['1'])
  })

  test('has every instrument of the page that the example observes', async () => {
    const { data } = (await (
      await fetch(`http://127.0.0.1:${ports.prometheus}/api/v1/label/__name__/values`)
    ).json()) as { readonly data: readonly string[] }
    const ours = data.filter((name) => name.startsWith('truehop_'))
    expect(ours.filter((name) => !documented.includes(name))).toEqual([])
    const neverHere =
      /inspector|cosignatures|source_pending|ranges|conflicts|differences|untrusted_claims/
    expect(documented.filter((name) => !ours.includes(name) && !neverHere.test(name))).toEqual([])
  })

  test('counts what was sent', async () => {
    const [refused] = await query(
      'truehop_proxy_protocol_refused_total{truehop_proxy_protocol_reason="http-without-header"}',
    )
    expect(Number(refused?.value[1])).toBeGreaterThan(0)
    const [denied] = await query(
      'truehop_allowlist_decisions_total{truehop_allowlist_reason="deny-entry"}',
    )
    expect(Number(denied?.value[1])).toBeGreaterThan(0)
  })

  test.each(queries)('a series for $title: $expr', async ({ expr }) => {
    const series = await query(filledIn(expr))
    expect(series.length).toBeGreaterThan(0)
  })
})
