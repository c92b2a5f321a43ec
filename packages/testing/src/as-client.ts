import type { Agent } from 'node:http'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { definePolicy, Policy, resolve } from '@truehop/identity/portable'
import { type ClientOptions, readClientOptions } from './client-options.js'
import { type InjectedOptions, injectOptions } from './inject.js'
import { memoryAgent } from './memory-agent.js'
import { memoryConnection } from './memory-connection.js'
import { TestingError } from './testing-error.js'
import { directWay, type Way, waysThrough } from './way.js'

/**
 * A client of a service under test. Callable, so that `use()` of supertest and superagent takes it.
 */
export interface TestClient {
  (request: PluggableRequest): void
  readonly address: string
  /** Options for `inject` of Fastify, Nest and light-my-request. */
  inject(url: string): { url: string } & InjectedOptions
  inject<T extends object>(options: T): T & InjectedOptions
  /**
   * Connects to the one server, in memory: for `http.request`, `https.request` and anything that takes
   * a Node agent. The server may be one of `node:https`, or of `node:http2` with `allowHTTP1`; nothing
   * is encrypted then, and no certificate is looked at.
   */
  agent(server: Server): Agent
  /**
   * One connection to a server, in memory: for `http2.connect(url, { createConnection: () => client.connect(server) })`,
   * and for servers of `node:net`. The headers that a hop adds are the test's to write: `client.headers`.
   */
  connect(server: Server): Duplex
  /** The headers that the hop in front adds; none without a hop. */
  readonly headers: Readonly<Record<string, string>>
}

/** What supertest hands to a plug-in. */
interface PluggableRequest {
  readonly app?: unknown
  agent(agent: Agent): unknown
  set(headers: Record<string, string>): unknown
}

/**
 * Makes requests of a test come from a client:
 *
 *     await app.inject(asClient('198.51.100.7').inject('/whoami'))
 *     await request(app).get('/whoami').use(asClient('198.51.100.7'))
 *
 * This opens nothing to outsiders: the evidence is on request objects and connections that this
 * process makes in memory. A connection from outside cannot have it.
 *
 * @throws {TestingError} for a bad address or option; `no-way` where no rule of the policy leads to the address.
 */
export function asClient(address: string, options: ClientOptions = {}): TestClient {
  const way = wayOf(address, options)
  const plugIn = (request: PluggableRequest): void => {
    request.agent(memoryAgent(request.app, way.evidence))
    request.set({ ...way.headers })
  }
  return Object.assign(plugIn, {
    address,
    headers: way.headers,
    inject: <T extends object>(options: T | string) =>
      injectOptions(typeof options === 'string' ? { url: options } : options, way),
    agent: (server: Server) => memoryAgent(server, way.evidence),
    connect: (server: Server) => memoryConnection(server, way.evidence, 'h2'),
  })
}

/** Under a policy that trusts no peer, every peer is the client, if it is an address at all. */
const TRUSTS_NOBODY = definePolicy({ hops: [] })

function wayOf(address: string, options: ClientOptions): Way {
  const { policy, port } = readClientOptions(options)
  const known = resolve(TRUSTS_NOBODY, { peer: String(address) })
  if (known.status !== 'resolved') {
    throw new TestingError(
      'bad-address',
      `must be an IPv4 or IPv6 address, got ${JSON.stringify(address)}; write asClient('198.51.100.7')`,
      'address',
    )
  }
  const client = { address: known.ip, port }
  if (policy === undefined) return directWay(client)
  const defined = policy instanceof Policy ? policy : definePolicy(policy)
  for (const way of waysThrough(defined.current, client)) {
    if (leadsTo(defined, way, known.ip)) return way
  }
  throw new TestingError(
    'no-way',
    `no rule of the policy leads to ${known.ip}: the policy may trust that address, or reach it through several hops only; leave the policy out, or write the headers in the test`,
  )
}

function leadsTo(policy: Policy, { evidence, headers }: Way, ip: string): boolean {
  const { peer, peerPort, headers: proxyHeaders } = evidence
  const found = resolve(policy, { peer, peerPort, proxyHeaders, headers })
  return found.status === 'resolved' && found.ip === ip
}
