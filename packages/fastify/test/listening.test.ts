import { channel } from 'node:diagnostics_channel'
import dns from 'node:dns'
import { identityOf } from '@truehop/identity'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ask, askH2, connectTcp } from '../../../test/edges/client.js'
import { TLS } from '../../../test/edges/pem.js'
import truehop from '../src/index.js'
import { CLIENT, listen, PROXY, proxyHeader } from './setup.js'

const BOTH_LOOPBACKS = { hops: [{ from: ['loopback'], asserts: 'proxy-protocol' }] }
const ADDRESSES = ['127.0.0.1', '::1']

/** On every machine of these tests localhost is both addresses, whatever its hosts file says. */
beforeEach(() => {
  const lookup = dns.lookup as (...args: unknown[]) => void
  vi.spyOn(dns, 'lookup').mockImplementation(((...args: unknown[]) => {
    const [host, options, done] = args
    const all = (options as { all?: boolean } | undefined)?.all === true
    if (host !== 'localhost' || !all || typeof done !== 'function') return lookup(...args)
    done(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ])
  }) as typeof dns.lookup)
})
afterEach(() => vi.restoreAllMocks())

const KINDS = {
  http: { make: () => fastify(), secure: false, ask },
  https: { make: () => fastify({ https: TLS }), secure: true, ask },
  'http2, clear': { make: () => fastify({ http2: true }), secure: false, ask: askH2 },
  'http2, TLS': { make: () => fastify({ http2: true, https: TLS }), secure: true, ask: askH2 },
} as const

describe.each(Object.entries(KINDS))('%s on localhost', (_name, kind) => {
  async function started(): Promise<{ app: FastifyInstance; port: number }> {
    const app = kind.make() as unknown as FastifyInstance
    await app.register(truehop, BOTH_LOOPBACKS)
    app.get('/', async ({ ip, clientIp }) => ({ ip, clientIp }))
    const port = await listen(app, 'localhost')
    expect(app.addresses()).toHaveLength(ADDRESSES.length)
    return { app, port }
  }

  test.each(ADDRESSES)('%s expects PROXY headers', async (host) => {
    const { port } = await started()
    const way = { port, host, secure: kind.secure }
    const { body } = await kind.ask({ ...way, before: proxyHeader() })
    expect(JSON.parse(body)).toEqual({ ip: CLIENT, clientIp: CLIENT })
    await expect(kind.ask(way)).rejects.toThrow()
  })

  test('each address has its counters', async () => {
    const { app, port } = await started()
    for (const host of ADDRESSES) {
      const socket = await connectTcp({ port, host })
      socket.resume().end('nonsense')
      await new Promise((resolve) => socket.once('close', resolve))
    }
    const missing = { counters: { refused: { missing: 1 }, refusedTotal: 1 } }
    expect(app.proxyProtocol).toMatchObject([missing, missing])
  })
})

test('upgrade requests have their identity on each address', async () => {
  const app = fastify()
  await app.register(truehop, BOTH_LOOPBACKS)
  app.server.on('upgrade', (request, socket) => {
    const identity = identityOf(request)
    const body = identity.status === 'resolved' ? identity.ip : identity.reason
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  })
  const port = await listen(app, 'localhost')
  const headers = { connection: 'Upgrade', upgrade: 'websocket' }
  for (const host of ADDRESSES) {
    const { body } = await ask({ port, host, before: proxyHeader() }, { headers })
    expect(body).toBe(CLIENT)
  }
})

test.each([
  ['one address', { host: '127.0.0.1' }, 1],
  ['all addresses', { host: '::' }, 1],
])('listening on %s is one server', async (_name, { host }, servers) => {
  const app = fastify()
  await app.register(truehop, PROXY)
  await listen(app, host)
  expect(app.proxyProtocol).toHaveLength(servers)
})

test('without a proxy-protocol hop there is nothing to count', async () => {
  const app = fastify()
  await app.register(truehop, { hops: [] })
  await listen(app, 'localhost')
  expect(app.proxyProtocol).toEqual([])
})

test("other servers are left alone, and none is watched once Fastify's are closed", async () => {
  const announced = channel('tracing:net.server.listen:asyncStart')
  const app = fastify()
  await app.register(truehop, BOTH_LOOPBACKS)
  expect(announced.hasSubscribers).toBe(false)
  await listen(app, 'localhost')
  expect(announced.hasSubscribers).toBe(true)
  const other = fastify()
  await listen(other, 'localhost')
  expect(other.server.listeners('newListener')).toEqual([])
  expect(app.proxyProtocol).toHaveLength(2)
  await app.close()
  expect(announced.hasSubscribers).toBe(false)
})

test('a server that went unnoticed is closed at once, and the log says why', async () => {
  const lines: { level: number; msg: string }[] = []
  const app = fastify({
    logger: { stream: { write: (line) => void lines.push(JSON.parse(line)) } },
  })
  await app.register(truehop, PROXY)
  const addresses = app.addresses.bind(app)
  app.addresses = () => [...addresses(), { address: '192.0.2.1', family: 'IPv4', port: 1 }]
  await listen(app)
  await expect.poll(() => app.server.listening).toBe(false)
  const fatal = lines.filter(({ level }) => level === 60)
  expect(fatal.map(({ msg }) => msg)).toEqual([expect.stringContaining('[server-not-covered]')])
})
