import { channel } from 'node:diagnostics_channel'
import { Readable } from 'node:stream'
import { bindRequest } from '@truehop/identity'
import { POLICY } from '@truehop/identity/adapter'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { accessLog, accessLogController, type FastifyAccessLogOptions } from '../src/fastify.js'
import { ask, askAndHold, Lines, policy, trustTests } from './service.js'

let app: FastifyInstance | undefined

afterEach(async () => {
  await app?.close()
  app = undefined
})

async function create(
  lines: Lines,
  options?: FastifyAccessLogOptions,
  server?: FastifyServerOptions,
) {
  const created: FastifyInstance = Fastify({
    logger: { stream: lines, base: null },
    forceCloseConnections: true,
    ...server,
  })
  trustTests(created.server)
  app = created
  if (options !== undefined) await created.register(accessLog, options)
  return created
}

async function serve(fastify: FastifyInstance) {
  await fastify.listen({ port: 0, host: '127.0.0.1' })
  return fastify.server
}

describe('the access record', () => {
  test('names the client of a request that came over no connection', async () => {
    const lines = new Lines()
    const logController = accessLogController()
    const fastify = await create(lines, {}, { logController })
    // As the plugin that puts a policy in force does it.
    fastify.decorateRequest(POLICY, { getter: () => policy })
    fastify.get('/', async () => 'hello')
    await fastify.inject({ url: '/', headers: { 'x-forwarded-for': '203.0.113.9' } })
    expect(await lines.record()).toMatchObject({
      'client.address': '203.0.113.9',
      'truehop.identity.reason': 'first-untrusted',
    })
  })

  test('has the route pattern, the identity and what was sent', async () => {
    const lines = new Lines()
    const fastify = await create(lines, {})
    fastify.get('/users/:id', async () => 'hello')
    const server = await serve(fastify)
    await ask(server, {
      path: '/users/7?a=b',
      as: '192.0.2.66, 203.0.113.9',
      headers: { 'user-agent': 'tests/1' },
    })
    const record = await lines.record()
    expect(record).toMatchObject({
      level: 30,
      reqId: 'req-1',
      'truehop.request.id': 'req-1',
      'http.request.method': 'GET',
      'http.route': '/users/:id',
      'url.path': '/users/7',
      'url.scheme': 'http',
      'http.response.status_code': 200,
      'http.response.body.size': 5,
      'client.address': '203.0.113.9',
      'network.peer.address': '127.0.0.1',
      'user_agent.original': 'tests/1',
      'truehop.identity.source': 'x-forwarded-for',
      'truehop.identity.rule': 'edge',
    })
    expect(record['http.server.request.duration']).toBeGreaterThan(0)
    expect(record['network.peer.port']).toBeGreaterThan(0)
    expect(lines.all.filter(({ msg }) => msg === 'access')).toHaveLength(1)
  })

  test('for 404s, errors and what a hook refuses', async () => {
    const lines = new Lines()
    const fastify = await create(lines, {})
    fastify.get('/fails', async () => {
      throw new Error('no')
    })
    fastify.get(
      '/refused',
      { onRequest: async (_request, reply) => reply.code(403).send() },
      async () => '',
    )
    const server = await serve(fastify)
    for (const path of ['/nowhere', '/fails', '/refused'])
      await ask(server, { path, as: '203.0.113.9' })
    const records = await lines.records(3)
    expect(records.map((record) => record['http.response.status_code'])).toEqual([404, 500, 403])
    expect(records.map((record) => record['http.route'])).toEqual([undefined, '/fails', '/refused'])
    expect(records.map((record) => record['client.address'])).toEqual(Array(3).fill('203.0.113.9'))
  })

  test('for what a hook registered earlier refuses', async () => {
    const lines = new Lines()
    const fastify = await create(lines)
    fastify.addHook('onRequest', async (_request, reply) => reply.code(400).send('no'))
    await fastify.register(accessLog, {})
    const server = await serve(fastify)
    await ask(server, { path: '/', as: 'unknown' })
    expect(await lines.records(1)).toEqual([
      expect.objectContaining({
        'http.response.status_code': 400,
        'http.response.body.size': 2,
        'client.address': 'unknown',
        'truehop.identity.reason': 'unidentified-node',
      }),
    ])
  })

  test('for requests that Fastify refuses before it looks for a route', async () => {
    const lines = new Lines()
    const fastify = await create(lines, {})
    fastify.get('/a/:id', async () => '')
    const server = await serve(fastify)
    for (const path of ['/%zz', '/a/%zz', `/a/${'x'.repeat(300)}`]) {
      await ask(server, { path, as: '203.0.113.9' })
    }
    const records = await lines.records(3)
    expect(records.map((record) => record['http.response.status_code'])).toEqual([400, 400, 414])
    expect(records[0]).toMatchObject({
      'url.path': '/%zz',
      'client.address': '203.0.113.9',
      'http.request.method': 'GET',
    })
    expect(records[0]?.['http.response.body.size']).toBeGreaterThan(0)
  })

  test('for injected requests', async () => {
    const lines = new Lines()
    const fastify = await create(lines, {})
    fastify.addHook('onRequest', async (request) => bindRequest(request, policy))
    fastify.get('/', async () => 'hello')
    const headers = { 'x-forwarded-for': '203.0.113.9' }
    await fastify.inject({ url: '/', headers, remoteAddress: '127.0.0.1' })
    const record = await lines.record()
    expect(record).toMatchObject({
      'http.response.status_code': 200,
      'http.response.body.size': 5,
      'client.address': '203.0.113.9',
    })
    expect(record).not.toHaveProperty('error.type')
  })

  test('when the client leaves before the response began', async () => {
    const lines = new Lines()
    const fastify = await create(lines, {})
    let arrived = () => {}
    const inHandler = new Promise<void>((resolve) => {
      arrived = resolve
    })
    fastify.get('/slow', async (_request, reply) => {
      arrived()
      await new Promise((closed) => reply.raw.once('close', closed))
      return 'late'
    })
    const server = await serve(fastify)
    const socket = askAndHold(server, '/slow', '203.0.113.9')
    await inHandler
    socket.destroy()
    const record = await lines.record()
    expect(record).toMatchObject({
      'error.type': 'aborted',
      'client.address': '203.0.113.9',
      'network.peer.address': '127.0.0.1',
      'http.response.body.size': 0,
    })
    expect(record).not.toHaveProperty('http.response.status_code')
  })

  test('when the client leaves in the middle of the response', async () => {
    const lines = new Lines()
    const fastify = await create(lines, {})
    fastify.get('/stream', (_request, reply) => {
      reply.raw.writeHead(200)
      reply.raw.write('first')
      reply.hijack()
    })
    const server = await serve(fastify)
    const socket = askAndHold(server, '/stream', '203.0.113.9')
    await new Promise((first) => socket.once('data', first))
    socket.destroy()
    expect(await lines.record()).toMatchObject({
      'error.type': 'aborted',
      'http.response.status_code': 200,
      'http.response.body.size': 5,
    })
  })

  test('counts the body of streams, and none for HEAD', async () => {
    const lines = new Lines()
    const fastify = await create(lines, {})
    fastify.get('/stream', async () => Readable.from([Buffer.alloc(70_000), Buffer.alloc(1)]))
    fastify.get('/text', async () => 'Zoë')
    const server = await serve(fastify)
    expect(await ask(server, { path: '/stream', as: '203.0.113.9' })).toMatchObject({
      bytes: 70_001,
    })
    expect(await ask(server, { path: '/text', as: '203.0.113.9' })).toMatchObject({ bytes: 4 })
    await ask(server, { path: '/text', as: '203.0.113.9', method: 'HEAD' })
    const sizes = (await lines.records(3)).map((record) => record['http.response.body.size'])
    expect(sizes).toEqual([70_001, 4, 0])
  })

  test('for a scope alone', async () => {
    const lines = new Lines()
    const fastify = await create(lines)
    fastify.get('/outside', async () => '')
    await fastify.register(async (scope) => {
      await scope.register(accessLog, {})
      scope.get('/inside', async () => '')
    })
    const server = await serve(fastify)
    await ask(server, { path: '/outside', as: '203.0.113.9' })
    await ask(server, { path: '/inside', as: '203.0.113.9' })
    expect((await lines.records(1)).map((record) => record['url.path'])).toEqual(['/inside'])
  })

  test('not for what skip names', async () => {
    const lines = new Lines()
    const fastify = await create(lines, {
      skip: (request, status) => request.url === '/health' && status === 200,
    })
    fastify.get('/health', async () => 'ok')
    fastify.get('/', async () => 'ok')
    const server = await serve(fastify)
    await ask(server, { path: '/health', as: '203.0.113.9' })
    await ask(server, { path: '/', as: '203.0.113.9' })
    expect((await lines.records(1)).map((record) => record['url.path'])).toEqual(['/'])
  })

  test('is written if skip throws, which is reported once and ends nothing', async () => {
    const lines = new Lines()
    const fastify = await create(lines, {
      // Without a route there is no url: the mistake that a 404 finds.
      skip: ({ routeOptions }) => routeOptions.url?.startsWith('/health') ?? absent('url'),
    })
    const server = await serve(fastify)
    await ask(server, { path: '/nowhere', as: '203.0.113.9' })
    await ask(server, { path: '/nowhere', as: '203.0.113.9' })
    expect(await lines.records(2)).toHaveLength(2)
    expect(
      lines.all.filter(({ msg }) => msg === 'the skip function of the access log threw'),
    ).toEqual([
      expect.objectContaining({ level: 50, err: expect.objectContaining({ message: 'no url' }) }),
    ])
  })

  test('is written if skip promises something, and what that rejects with ends nothing', async () => {
    const lines = new Lines()
    const later = () => Promise.reject(new Error('no database'))
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const fastify = await create(lines, { ...({ skip: later } as object) })
    await ask(await serve(fastify), { path: '/', as: '203.0.113.9' })
    expect(await lines.records(1)).toHaveLength(1)
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
    const bad: object = { skip: async () => true }
    await expect(create(lines, bad)).rejects.toThrow('got an async function')
  })

  test('holds the headers asked for, however they are written', async () => {
    const lines = new Lines()
    const fastify = await create(lines, { headers: ['X-Request-Source', 'x-absent'] })
    fastify.get('/', async () => '')
    await ask(await serve(fastify), {
      path: '/',
      as: '203.0.113.9',
      headers: { 'x-request-source': 'a' },
    })
    const record = await lines.record()
    expect(record['http.request.header.x-request-source']).toEqual(['a'])
    expect(record).not.toHaveProperty('http.request.header.x-absent')
  })

  test('holds what others decided about the request', async () => {
    const lines = new Lines()
    const fastify = await create(lines, {})
    fastify.addHook('onRequest', async (request) => {
      const decision = {
        allowed: false,
        retryAfter: 30,
        entry: '203.0.113.0/24',
        client: '203.0.113.9',
        identity: {},
      }
      channel('truehop.allowlist.decision').publish({ decision, request: request.raw })
    })
    await ask(await serve(fastify), { path: '/', as: '203.0.113.9' })
    const record = await lines.record()
    expect(record).toMatchObject({
      'truehop.allowlist.allowed': false,
      'truehop.allowlist.entry': '203.0.113.0/24',
      'truehop.allowlist.retry_after': 30,
    })
    expect(record).not.toHaveProperty('truehop.allowlist.client')
  })

  describe('of decisions that others made', () => {
    const passed = { allowed: true, reason: 'not-in-deny', name: 'default', client: '203.0.113.9' }
    const denied = { ...passed, allowed: false, reason: 'deny-entry', entry: '203.0.113.0/24' }
    const counted = { allowed: true, reason: 'within-limit', by: 'store', delay: 0, retryAfter: 0 }

    async function recordOf(options: FastifyAccessLogOptions, channels: [string, object][]) {
      const lines = new Lines()
      const fastify = await create(lines, options)
      fastify.addHook('onRequest', async ({ raw }) => {
        for (const [name, decision] of channels) channel(name).publish({ decision, request: raw })
      })
      await ask(await serve(fastify), { path: '/', as: '203.0.113.9' })
      const all = Object.entries(await lines.record())
      return Object.fromEntries(all.filter(([name]) => /allowlist|rate_limit/.test(name)))
    }
    const [LIST, LIMIT] = ['truehop.allowlist.decision', 'truehop.rate_limit.decision']

    test('says of those that passed that they did', async () => {
      const channels: [string, object][] = [
        [LIST, passed],
        [LIMIT, counted],
      ]
      expect(await recordOf({}, channels)).toEqual({
        'truehop.allowlist.allowed': true,
        'truehop.rate_limit.allowed': true,
      })
    })

    test.each<[string, object]>([
      ['refused', { ...counted, allowed: false, reason: 'quota-exceeded', retryAfter: 3 }],
      ['delayed', { ...counted, delay: 500 }],
      ['made in place of the store', { ...counted, by: 'local' }],
      ['made while the store failed', { ...counted, by: 'nobody', reason: 'store-error' }],
    ])('says the details of one that was %s', async (_name, decision) => {
      const { by, reason } = { ...counted, ...decision }
      expect(await recordOf({}, [[LIMIT, decision]])).toMatchObject({
        'truehop.rate_limit.by': by,
        'truehop.rate_limit.reason': reason,
      })
    })

    test('says the details of all where they are asked for', async () => {
      expect(await recordOf({ decisions: 'all' }, [[LIST, passed]])).toEqual({
        'truehop.allowlist.allowed': true,
        'truehop.allowlist.reason': 'not-in-deny',
        'truehop.allowlist.name': 'default',
      })
    })

    test.each([
      ['before', [denied, passed, passed]],
      ['after', [passed, passed, denied]],
    ])('shows one that would refuse, %s others that passed', async (_name, decisions) => {
      const channels = decisions.map((decision): [string, object] => [LIST, decision])
      expect(await recordOf({}, channels)).toEqual({
        'truehop.allowlist.allowed': false,
        'truehop.allowlist.reason': 'deny-entry',
        'truehop.allowlist.name': 'default',
        'truehop.allowlist.entry': '203.0.113.0/24',
      })
    })
  })

  test('is written without a policy too, which is reported once', async () => {
    const lines = new Lines()
    const fastify: FastifyInstance = Fastify({ logger: { stream: lines, base: null } })
    app = fastify
    await fastify.register(accessLog, {})
    const server = await serve(fastify)
    await ask(server, { path: '/', as: '203.0.113.9' })
    await ask(server, { path: '/', as: '203.0.113.9' })
    expect((await lines.records(2))[0]).toMatchObject({
      'client.address': 'unknown',
      'truehop.identity.status': 'unbound',
    })
    const told = lines.all.filter(({ level }) => level === 50)
    expect(told).toEqual([
      expect.objectContaining({ msg: expect.stringContaining('register @truehop/fastify') }),
    ])
  })

  test('bad options fail the registration', async () => {
    await expect(create(new Lines(), { fields: 'all' as 'otel' })).rejects.toMatchObject({
      code: 'bad-option',
      path: 'fields',
    })
  })
})

describe('combined', () => {
  test('as the message of the logger', async () => {
    const lines = new Lines()
    const fastify = await create(
      lines,
      { fields: 'combined' },
      { logController: accessLogController() },
    )
    fastify.get('/', async () => 'hello')
    await ask(await serve(fastify), {
      path: '/',
      as: '203.0.113.9',
      headers: { 'user-agent': 'x' },
    })
    await app?.close()
    expect(lines.all.map(({ msg }) => msg).filter((msg) => String(msg).includes('GET'))).toEqual([
      expect.stringMatching(/^203\.0\.113\.9 - - \[[^\]]+\] "GET \/ HTTP\/1\.1" 200 5 "-" "x"$/),
    ])
  })

  test('as lines of text to a destination', async () => {
    const written: string[] = []
    const destination = { write: (text: string) => written.push(text) }
    const fastify = await create(new Lines(), { fields: 'combined', destination })
    fastify.get('/', async () => 'hello')
    await ask(await serve(fastify), { path: '/', as: '203.0.113.9' })
    await app?.close()
    expect(written).toEqual([
      expect.stringMatching(/^203\.0\.113\.9 - - \[[^\]]+\] "GET \/ HTTP\/1\.1" 200 5 "-" "-"\n$/),
    ])
  })
})

describe("Fastify's own lines", () => {
  const own = (lines: Lines) =>
    lines.all.filter(({ msg }) => msg === 'incoming request' || msg === 'request completed')

  test('stay by default, and are switched off by one option', async () => {
    const with2 = new Lines()
    const one = await create(with2, {})
    await ask(await serve(one), { path: '/', as: '203.0.113.9' })
    await with2.record()
    await one.close()
    expect(own(with2)).toHaveLength(2)

    const without = new Lines()
    const other = await create(without, {}, { logController: accessLogController() })
    other.get('/fails', async () => {
      throw new Error('kept')
    })
    await ask(await serve(other), { path: '/fails', as: '203.0.113.9' })
    await without.record()
    await other.close()
    expect(own(without)).toEqual([])
    expect(without.all.filter(({ msg }) => msg === 'kept')).toHaveLength(1)
  })

  test.each([
    ['truncated', { address: 'truncated' } as const, /^203\.0\.113\.0$/],
    ['hmac', { address: 'hmac', hmac: { key: 'x8Vd0yL3nQ5wS7zB' } } as const, /^hmac-[\da-f]{32}$/],
  ])('show the same address as the record: %s', async (_name, options, form) => {
    const lines = new Lines()
    const fastify = await create(lines)
    // As @truehop/fastify does: the framework's own notion of the address is the identity.
    fastify.decorateRequest('ip', { getter: () => '203.0.113.9' })
    await fastify.register(accessLog, { ...options, headers: ['x-forwarded-for'] })
    fastify.get('/', async (request) => {
      request.log.info({ req: request, peer: '203.0.113.9' }, "the application's own")
      return ''
    })
    const server = await serve(fastify)
    await ask(server, { path: '/', as: '203.0.113.9' })
    await ask(server, { path: '/nowhere', as: '203.0.113.9' })
    const [record] = await lines.records(2)
    await fastify.close()
    expect(record?.['client.address']).toMatch(form)
    const shown = lines.all.flatMap(({ req }) =>
      typeof req === 'object' && req !== null ? Object.values(req).slice(-1) : [],
    )
    expect(shown).toEqual(Array(3).fill(record?.['client.address']))
    expect(JSON.stringify(lines.all)).not.toContain('203.0.113.9')
    expect(record).not.toHaveProperty('client.port')
  })

  test('about a refused connection have no port and no first bytes where addresses are hidden', async () => {
    const refused = {
      reason: 'untrusted-peer',
      peer: '203.0.113.9',
      peerPort: 51_442,
      localPort: 443,
      firstBytes: Buffer.from('PROXY TCP4 198.51.100.7').toString('hex'),
    }
    const logged = async (options: FastifyAccessLogOptions) => {
      const lines = new Lines()
      const fastify = await create(lines, options)
      fastify.log.warn(refused, 'refused')
      return lines.all.find(({ msg }) => msg === 'refused')
    }
    expect(await logged({})).toMatchObject(refused)
    const hidden = await logged({ address: 'truncated' })
    expect(hidden).toMatchObject({ reason: 'untrusted-peer', peer: '203.0.113.0', localPort: 443 })
    expect(hidden).not.toHaveProperty('peerPort')
    expect(hidden).not.toHaveProperty('firstBytes')
  })
})

function absent(what: string): never {
  throw new TypeError(`no ${what}`)
}
