import { createServer as createHttp, request as httpRequest } from 'node:http'
import { createServer as createHttps, request as httpsRequest } from 'node:https'
import { createServer, type Server } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  acceptProxyProtocol,
  EncodeError,
  type HeaderInput,
  LOCAL_HEADER,
  type ProxyAgentOptions,
  ProxyHttpAgent,
  ProxyHttpsAgent,
  type ProxyProtocolHandle,
  type ProxyRequestOptions,
  proxyEvidence,
} from '../../src/index.js'
import { textOf } from '../receive/client.js'
import { listening, PEM, portOf } from '../receive/service.js'

function headerOf(address: string): HeaderInput {
  return {
    version: 2,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address, port: 4711 },
    destination: { address: '198.51.100.1', port: 443 },
  }
}

/** What one request was answered: the client by its header, and the connection's own number. */
interface Seen {
  readonly client: string
  readonly connection: number
  readonly requests: number
}

interface Fixture {
  readonly handle: ProxyProtocolHandle
  readonly agent: ProxyHttpAgent | ProxyHttpsAgent
  ask(proxyHeader?: HeaderInput): Promise<Seen>
}

async function fixture(
  scheme: 'http' | 'https',
  options: ProxyAgentOptions & { maxSockets?: number; keepAlive?: boolean } = {},
): Promise<Fixture> {
  const server: Server = scheme === 'http' ? createHttp() : createHttps({ key: PEM, cert: PEM })
  const numbers = new WeakMap<object, { connection: number; requests: number }>()
  let connections = 0
  server.on('request', (request, response) => {
    const known = numbers.get(request.socket) ?? { connection: ++connections, requests: 0 }
    known.requests++
    numbers.set(request.socket, known)
    const [header] = proxyEvidence(request).headers
    const client = header?.source && 'address' in header.source ? header.source.address : 'LOCAL'
    response.end(JSON.stringify({ client, ...known }))
  })
  const handle = acceptProxyProtocol(server, { from: ['loopback'] })
  const port = await listening(server)
  const settings = { keepAlive: true, ...options }
  const agent =
    scheme === 'http' ? new ProxyHttpAgent(settings) : new ProxyHttpsAgent({ ...settings, ca: PEM })
  onTestFinished(() => agent.destroy())
  return {
    handle,
    agent,
    ask(proxyHeader) {
      const to: ProxyRequestOptions = { host: 'localhost', family: 4, port, agent }
      const withHeader: ProxyRequestOptions = proxyHeader ? { ...to, proxyHeader } : to
      return new Promise((resolve, reject) => {
        const call = scheme === 'http' ? httpRequest(withHeader) : httpsRequest(withHeader)
        call.on('response', (response) => {
          textOf(response).then((text) => resolve(JSON.parse(text)), reject)
        })
        call.on('error', reject)
        call.end()
      })
    },
  }
}

describe.each(['http', 'https'] as const)('the agent for %s', (scheme) => {
  test('uses a connection again for the same client', async () => {
    const { ask, handle } = await fixture(scheme)
    for (let times = 1; times <= 5; times++) {
      expect(await ask(headerOf('192.0.2.1'))).toEqual({
        client: '192.0.2.1',
        connection: 1,
        requests: times,
      })
    }
    expect(handle.counters.accepted).toBe(1)
  })

  test('never uses it for another client', async () => {
    const { ask, handle } = await fixture(scheme)
    const first = await ask(headerOf('192.0.2.1'))
    const second = await ask(headerOf('192.0.2.2'))
    const third = await ask(headerOf('192.0.2.1'))
    expect([first.client, second.client, third.client]).toEqual([
      '192.0.2.1',
      '192.0.2.2',
      '192.0.2.1',
    ])
    expect(second.connection).not.toBe(first.connection)
    expect(third.connection).toBe(first.connection)
    expect(handle.counters.accepted).toBe(2)
  })

  test('keeps clients apart when sockets are scarce and requests wait', async () => {
    const { ask, handle } = await fixture(scheme, { maxSockets: 1 })
    const clients = Array.from({ length: 60 }, (_, at) => `192.0.2.${at % 6}`)
    const answers = await Promise.all(clients.map((client) => ask(headerOf(client))))
    expect(answers.map(({ client }) => client)).toEqual(clients)
    const owners = new Map<number, Set<string>>()
    for (const { client, connection } of answers) {
      owners.set(connection, (owners.get(connection) ?? new Set()).add(client))
    }
    expect([...owners.values()].every((names) => names.size === 1)).toBe(true)
    expect(handle.counters.accepted).toBe(6)
  })

  test('tells headers apart that differ in a port, a TLV or the version only', async () => {
    const { agent } = await fixture(scheme)
    const base = headerOf('192.0.2.1')
    const headers: HeaderInput[] = [
      base,
      { ...base, version: 1 },
      { ...base, source: { address: '192.0.2.1', port: 4712 } },
      { ...base, tlvs: [{ type: 0xe0, value: Buffer.from('a') }] },
      { ...base, tlvs: [{ type: 0xe0, value: Buffer.from('b') }] },
      LOCAL_HEADER,
    ]
    const names = headers.map((proxyHeader) => agent.getName({ host: 'a', proxyHeader } as object))
    expect(new Set(names).size).toBe(headers.length)
    expect(agent.getName({ host: 'a', proxyHeader: { ...base } } as object)).toBe(names[0])
    expect(agent.getName({ host: 'b', proxyHeader: base } as object)).not.toBe(names[0])
  })

  test("sends the agent's header for requests that bring none, theirs otherwise", async () => {
    const { ask } = await fixture(scheme, { proxyHeader: LOCAL_HEADER, crc32c: true })
    expect((await ask()).client).toBe('LOCAL')
    expect((await ask(headerOf('192.0.2.9'))).client).toBe('192.0.2.9')
    expect((await ask()).client).toBe('LOCAL')
  })

  test('a refused connection fails the request', async () => {
    const { agent } = await fixture(scheme)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const to = { host: '127.0.0.1', port: portOf(server), agent, proxyHeader: LOCAL_HEADER }
    await new Promise((resolve) => server.close(resolve))
    for (let times = 0; times < 3; times++) {
      const failed = new Promise((resolve) => {
        const call = scheme === 'http' ? httpRequest(to) : httpsRequest(to)
        call.once('error', resolve)
        call.end()
      })
      expect(await failed).toMatchObject({ code: 'ECONNREFUSED' })
    }
  })

  test("does not fall back to the agent's header for a client that has none", async () => {
    const { agent } = await fixture(scheme, { proxyHeader: LOCAL_HEADER })
    const to = { host: 'localhost', port: 1, agent, proxyHeader: undefined }
    const call = () => (scheme === 'http' ? httpRequest(to) : httpsRequest(to))
    expect(call).toThrow(/proxyHeader/)
  })

  test('throws for a request without a header, and for one without a form', async () => {
    const { ask, handle } = await fixture(scheme)
    await expect(ask()).rejects.toThrow(/proxyHeader/)
    await expect(ask({ ...headerOf('x') })).rejects.toThrow(EncodeError)
    expect(handle.counters.accepted).toBe(0)
  })
})

test.each<[string, object, string]>([
  ['a header that is none', { proxyHeader: 'PROXY TCP4' }, 'header is "PROXY TCP4"'],
  [
    'a header without ends',
    { proxyHeader: { ...headerOf('203.0.113.7'), source: undefined } },
    'source is missing',
  ],
  ['crc32c that is no boolean', { crc32c: 'yes' }, 'write true or false'],
])('an agent is not made with %s', (_name, options, says) => {
  for (const make of [() => new ProxyHttpAgent(options), () => new ProxyHttpsAgent(options)]) {
    expect(make).toThrow(EncodeError)
    expect(make).toThrow(says)
  }
})
