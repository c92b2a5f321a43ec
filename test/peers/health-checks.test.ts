import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { truehop } from '@truehop/fastify'
import {
  type AcceptOptions,
  acceptProxyProtocol,
  type ProxyProtocolHandle,
  refusalLog,
} from '@truehop/proxy-protocol'
import { fastify } from 'fastify'
import { expect, onTestFinished, test, vi } from 'vitest'
import { curl } from './harness/curl.js'
import { type HaproxyRoute, startHaproxy } from './harness/haproxy.js'
import { describeWithPeers } from './harness/peer.js'
import type { Service } from './harness/service.js'

/** Each check counts at once, so that a check that fails takes the server out. */
const CHECK = 'check inter 50ms fall 1'
/** Without it a check fails that is not answered within the interval, which a busy machine may take. */
const PATIENT = 'timeout check 10s'
/** Where HAProxy's checks come from; its traffic comes from elsewhere. */
const CHECKER = '127.0.0.31'
const TRAFFIC = '127.0.0.32'
const ENOUGH = 5
/** For checks that nobody can count. */
const SOME_CHECKS_MS = 500

interface Checked {
  readonly port: number
  readonly handle: ProxyProtocolHandle
  /** What was logged about connections. */
  readonly lines: string[]
}

function stopAfterTest<S extends Service>(service: S): S {
  onTestFinished(() => service.stop())
  return service
}

async function startChecked(options: AcceptOptions): Promise<Checked> {
  const lines: string[] = []
  const server = createServer((_, response) => response.end('fine'))
  const onRefused = refusalLog({ warn: (_, message) => lines.push(message) })
  const handle = acceptProxyProtocol(server, { onRefused, ...options })
  return { port: await listening(server), handle, lines }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** The URL of an HAProxy that checks its server on the way. */
async function checkedBy(route: Omit<HaproxyRoute, 'mode'>): Promise<string> {
  const backend = [PATIENT, ...(route.backend ?? [])]
  const { ports } = stopAfterTest(await startHaproxy({ web: { mode: 'http', ...route, backend } }))
  return `http://127.0.0.1:${ports.web}/`
}

const enough = (count: () => number) =>
  vi.waitFor(() => expect(count()).toBeGreaterThanOrEqual(ENOUGH), { timeout: 10_000 })

describeWithPeers(['haproxy', 'curl'], 'health checks of HAProxy', () => {
  test('with LOCAL: the server stays up, nothing is logged', async () => {
    const { port, handle, lines } = await startChecked({ from: ['loopback'] })
    const backend = ['option httpchk GET /health']
    const url = await checkedBy({ to: port, server: `send-proxy-v2 ${CHECK}`, backend })
    await enough(() => handle.counters.local)
    expect(await curl(url)).toEqual({ status: 200, body: 'fine' })
    expect(handle.counters.refused).toEqual({})
    expect(lines).toEqual([])
  })

  // HAProxy resets such a connection right behind the header, which often overtakes it.
  test.each([
    ['LOCAL', `send-proxy-v2 ${CHECK}`],
    ['UNKNOWN of version 1', `send-proxy ${CHECK}`],
  ])('with %s and not a byte behind it: the same', async (_, server) => {
    const { port, handle, lines } = await startChecked({ from: ['loopback'] })
    const url = await checkedBy({ to: port, server })
    await enough(() => handle.counters.accepted + handle.counters.probes)
    expect(await curl(url)).toEqual({ status: 200, body: 'fine' })
    expect(handle.counters.refused).toEqual({})
    expect(lines).toEqual([])
  })

  // HAProxy resets such a connection before it stands, so the process is seldom told of it.
  test('that open and close: the server stays up, nothing is logged', async () => {
    const { port, handle, lines } = await startChecked({
      from: [TRAFFIC],
      healthCheckFrom: [CHECKER],
    })
    const url = await checkedBy({ to: port, server: `source ${CHECKER} ${CHECK}` })
    await delay(SOME_CHECKS_MS)
    expect(await curl(url)).toEqual({ status: 200, body: 'fine' })
    expect(handle.counters.refused).toEqual({})
    expect(lines).toEqual([])
  })

  test('with HTTP and no header, from a listed checker: answered, nothing is logged', async () => {
    const { port, handle, lines } = await startChecked({
      from: [TRAFFIC],
      healthCheckFrom: [CHECKER],
    })
    const backend = ['option httpchk GET /health']
    const url = await checkedBy({ to: port, server: `source ${CHECKER} ${CHECK}`, backend })
    await enough(() => handle.counters.direct)
    expect(await curl(url)).toEqual({ status: 200, body: 'fine' })
    expect(handle.counters.refused).toEqual({})
    expect(lines).toEqual([])
  })

  test('with HTTP and no header, from nobody listed: refused, and the log names the setting', async () => {
    const { port, handle, lines } = await startChecked({ from: ['loopback'] })
    const backend = ['option httpchk GET /health']
    const url = await checkedBy({ to: port, server: CHECK, backend })
    await enough(() => handle.counters.refused['http-without-header'] ?? 0)
    expect((await curl(url)).status).toBe(503)
    expect(lines[0]).toMatch(/without a PROXY header.* healthCheckFrom: /)
    expect(lines.length).toBeLessThanOrEqual(6)
  })

  test.each<[string, string]>([
    ['LOCAL', `send-proxy-v2 ${CHECK}`],
    ['an open and close', CHECK],
  ])('a Fastify application logs nothing above info for %s', async (_, server) => {
    const lines: { level: number }[] = []
    const app = fastify({ logger: { stream: { write: (line) => lines.push(JSON.parse(line)) } } })
    const hop = { name: 'haproxy', from: ['loopback'], asserts: 'proxy-protocol' } as const
    await app.register(truehop, { hops: [hop] })
    app.get('/', async () => 'fine')
    await app.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => app.close())
    let connections = 0
    app.server.prependListener('connection', () => connections++)
    const { port } = app.server.address() as AddressInfo
    const backend = ['option httpchk GET /']
    const isLocal = server.startsWith('send')
    await checkedBy({ to: port, server, ...(isLocal ? { backend } : {}) })
    if (isLocal) await enough(() => connections)
    else await delay(SOME_CHECKS_MS)
    expect(lines.filter(({ level }) => level > 30)).toEqual([])
  })
})
