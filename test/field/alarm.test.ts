import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { Agent, type AgentOptions, createServer, get } from 'node:http'
import { type AddressInfo, connect, type NetConnectOpts } from 'node:net'
import { truehop as expressTruehop } from '@truehop/express'
import { truehop } from '@truehop/fastify'
import { type CollapsedMessage, definePolicy, type Policy } from '@truehop/identity'
import { encode } from '@truehop/proxy-protocol'
import express from 'express'
import Fastify from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { COLLAPSED, HEALTHY, type Request } from '../../packages/identity/test/alarm/situations.js'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** What the channel tells until the test ends. */
function collapses(): CollapsedMessage[] {
  const told: CollapsedMessage[] = []
  const listen = (message: unknown) => told.push(message as CollapsedMessage)
  subscribe('truehop.identity.collapsed', listen)
  ends.push(() => unsubscribe('truehop.identity.collapsed', listen))
  return told
}

/** As Fly Proxy writes them: the rightmost entry is the address of the app. */
const fly = (n: number): Request => ({
  peer: '127.0.0.1',
  headers: {
    'x-forwarded-for': `198.51.100.${n}, 203.0.113.33`,
    'fly-client-ip': `198.51.100.${n}`,
  },
})
/** As one client behind a proxy forges them. */
const forged = (n: number): Request => ({
  peer: '127.0.0.1',
  headers: { 'x-forwarded-for': `198.51.100.${n}, 203.0.113.66` },
})

/** Keeps its connection, which begins with a PROXY header where there is a peer to be named. */
class FromPeer extends Agent {
  readonly #peer: string | undefined

  constructor(
    peer: string | undefined,
    options: AgentOptions = { keepAlive: true, maxSockets: 1 },
  ) {
    super(options)
    this.#peer = peer
  }

  override createConnection(options: NetConnectOpts) {
    const socket = connect(options)
    if (this.#peer !== undefined) socket.write(headerOf(this.#peer))
    return socket
  }
}

function headerOf(address: string): Buffer {
  return encode({
    version: 2,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address, port: 51_442 },
    destination: { address: '10.0.0.80', port: 80 },
    tlvs: [],
  })
}

/** One request after the other, each peer with a connection of its own. */
async function send(
  port: number,
  count: number,
  request: (n: number) => Request,
  isNamed = false,
): Promise<void> {
  const agents = new Map<string, Agent>()
  for (let n = 0; n < count; n++) {
    const { peer, headers } = request(n)
    const agent = agents.get(peer) ?? new FromPeer(isNamed ? peer : undefined)
    agents.set(peer, agent)
    expect(await statusOf(port, agent, headers)).toBe(200)
  }
  for (const agent of agents.values()) agent.destroy()
}

function statusOf(port: number, agent: Agent, headers: Request['headers'] = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, agent, headers: { ...headers } }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
    })
    request.once('error', reject)
  })
}

type Start = (policy: Policy, warn: (line: string) => void) => Promise<number>

const fastify: Start = async (policy, warn) => {
  const stream = {
    write(line: string) {
      const { level, msg } = JSON.parse(line)
      if (level === 40) warn(msg)
    },
  }
  const app = Fastify({ logger: { level: 'warn', stream } })
  await app.register(truehop, { policy })
  app.get('/', (request) => request.clientIp)
  ends.push(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

const onExpress: Start = async (policy, warn) => {
  const app = express()
  const identity = expressTruehop({ policy, logger: { warn: (_fields, line) => warn(line) } })
  app.use(identity)
  app.get('/', (req, res) => {
    res.send(req.clientIp)
  })
  const server = identity.attach(app.listen(0, '127.0.0.1'))
  await new Promise((listening) => server.once('listening', listening))
  ends.push(() => server.close())
  return (server.address() as AddressInfo).port
}

const services: [framework: string, start: Start][] = [
  ['Fastify', fastify],
  ['Express', onExpress],
]

const obvious = () => definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })

describe.each(services)(
  'a policy on %s that takes every visitor for one address',
  (_name, start) => {
    test('is reported within 200 requests: in the log, on the channel, in the counters', async () => {
      const told = collapses()
      const lines: string[] = []
      const port = await start(obvious(), (line) => lines.push(line))
      await send(port, 200, fly)
      expect(told).toHaveLength(1)
      expect(told[0]).toMatchObject({ kind: 'one-for-many', client: '203.0.113.33', rule: 'hop-1' })
      expect(told[0]?.policy.counters.snapshot().collapses).toEqual({ 'one-for-many': 1 })
      expect(lines.filter((line) => line.includes("{ platform: 'fly' }"))).toHaveLength(1)
    })

    test('is not reported if one client forges a new header with each request', async () => {
      const told = collapses()
      const lines: string[] = []
      const port = await start(obvious(), (line) => lines.push(line))
      await send(port, 200, forged)
      expect([told, lines]).toEqual([[], []])
    })
  },
)

/**
 * The situations, over sockets. Loopback has none of the addresses that platforms connect from: a PROXY
 * header in front of each connection names them, so that what follows is the policy of the situation
 * at the peer that it has there.
 */
describe('the alarm of a running service, where a PROXY header names the peer', () => {
  const wire = { name: 'wire', from: ['loopback'], asserts: 'proxy-protocol' }

  test.each(COLLAPSED)(
    'is raised within 200 requests: %s',
    async (_name, hops, request, advice) => {
      const told = collapses()
      const lines: string[] = []
      const port = await fastify(definePolicy({ hops: [wire, ...hops] }), (line) =>
        lines.push(line),
      )
      await send(port, 200, request, true)
      expect(told).toHaveLength(1)
      expect(told[0]?.advice).toMatch(advice)
      expect(lines.filter((line) => advice.test(line))).toHaveLength(1)
    },
  )

  // A probe connects to the service itself. If a proxy named the address of a node for every request,
  // it would be what is left of the visitors, for which the alarm is raised.
  const named = HEALTHY.filter(([name]) => name !== 'probes of a Kubernetes node')

  test.each(named)('is not raised by %s', async (_name, hops, request) => {
    const told = collapses()
    const port = await fastify(definePolicy({ hops: [wire, ...hops] }), () => {})
    await send(port, 400, request, true)
    expect(told).toEqual([])
  })
})

/** The kubelet asks the service itself, on a connection of its own each time, and sends no header. */
const probe = () => ({ headers: { 'user-agent': 'kube-probe/1.33', connection: 'close' } })
const visitor = (n: number) => ({ headers: { 'x-forwarded-for': `198.51.100.${n % 250}` } })

async function askAll(port: number, requests: readonly Pick<Request, 'headers'>[]): Promise<void> {
  for (const { headers } of requests) {
    expect(await statusOf(port, new Agent({ keepAlive: false }), headers)).toBe(200)
  }
}

describe.each(services)('probes of a Kubernetes node on %s', (_name, start) => {
  test.each([
    ['alone, as at night', () => Array.from({ length: 400 }, probe)],
    [
      'beside visitors',
      () => Array.from({ length: 600 }, (_, n) => (n % 3 === 0 ? probe() : visitor(n))),
    ],
    [
      'after visitors have gone',
      () => Array.from({ length: 600 }, (_, n) => (n < 300 ? visitor(n) : probe())),
    ],
  ])('raise no alarm on the port of the service: %s', async (_when, requests) => {
    const told = collapses()
    const lines: string[] = []
    const port = await start(obvious(), (line) => lines.push(line))
    await askAll(port, requests())
    expect([told, lines]).toEqual([[], []])
  })

  test('on a port of their own are no requests of the service, whose visitors still raise it', async () => {
    const told = collapses()
    const policy = obvious()
    const port = await start(policy, () => {})
    const probes = createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
    await once(probes, 'listening')
    ends.push(() => probes.close())
    const { port: probePort } = probes.address() as AddressInfo
    await askAll(probePort, Array.from({ length: 300 }, probe))
    const { resolved, undetermined } = policy.counters.snapshot()
    expect({ resolved, undetermined }).toEqual({ resolved: {}, undetermined: {} })
    await send(port, 200, fly)
    await askAll(probePort, Array.from({ length: 10 }, probe))
    expect(told.map(({ kind }) => kind)).toEqual(['one-for-many'])
  })
})
