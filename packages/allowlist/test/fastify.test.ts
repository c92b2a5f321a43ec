import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { afterEach, expect, test, vi } from 'vitest'
import { type AllowlistPluginOptions, allowlist, allowlistHook } from '../src/fastify.js'
import { defineAllowlist } from '../src/index.js'
import { ask, trustTests } from './service.js'

let app: FastifyInstance | undefined

afterEach(async () => {
  await app?.close()
  app = undefined
})

function create(): FastifyInstance {
  const created = Fastify({ forceCloseConnections: true })
  trustTests(created.server)
  app = created
  return created
}

async function serve(fastify: FastifyInstance) {
  await fastify.listen({ port: 0, host: '127.0.0.1' })
  return fastify.server
}

test('guards a whole application, 404s included', async () => {
  const fastify = create()
  await fastify.register(allowlist, { allow: ['203.0.113.0/24'] })
  fastify.get('/', async () => 'in')
  const server = await serve(fastify)

  expect(await ask(server, '/', '203.0.113.9')).toMatchObject({ status: 200, body: 'in' })
  const refused = await ask(server, '/', '198.51.100.7')
  expect(refused).toMatchObject({
    status: 403,
    type: 'application/problem+json',
    cacheControl: 'no-store',
  })
  expect(JSON.parse(refused.body)).toEqual({ type: 'about:blank', title: 'Forbidden', status: 403 })
  expect(await ask(server, '/nowhere', '198.51.100.7')).toMatchObject({ status: 403 })
  expect(await ask(server, '/', 'unknown')).toMatchObject({ status: 403 })
})

test('guards a scope and leaves the others open', async () => {
  const fastify = create()
  fastify.get('/open', async () => 'open')
  await fastify.register(async (scope) => {
    await scope.register(allowlist, { allow: ['10.9.0.0/16'] })
    scope.get('/inside', async () => 'inside')
  })
  const server = await serve(fastify)
  expect(await ask(server, '/open', '203.0.113.9')).toMatchObject({ status: 200 })
  expect(await ask(server, '/inside', '203.0.113.9')).toMatchObject({ status: 403 })
  expect(await ask(server, '/inside', '10.9.1.1')).toMatchObject({ status: 200 })
})

test('guards one route by a hook, and its owner changes the lists while it runs', async () => {
  const admin = defineAllowlist({ name: 'admin', allow: ['10.9.0.0/16'] })
  const fastify = create()
  fastify.get('/admin', { onRequest: allowlistHook(admin) }, async () => 'admin')
  const server = await serve(fastify)
  expect(await ask(server, '/admin', '203.0.113.9')).toMatchObject({ status: 403 })
  await admin.replace({ allow: ['203.0.113.0/24'] })
  expect(await ask(server, '/admin', '203.0.113.9')).toMatchObject({ status: 200 })
})

test('named lists: a route names its own, the default holds for the others, false for none', async () => {
  const fastify = create()
  const options: AllowlistPluginOptions = {
    lists: { staff: { allow: ['10.0.0.0/8'] }, admin: { allow: ['10.9.0.0/16'] } },
    default: 'staff',
  }
  await fastify.register(allowlist, options)
  fastify.get('/staff', async () => 'staff')
  fastify.get('/admin', { config: { allowlist: 'admin' } }, async () => 'admin')
  fastify.get('/health', { config: { allowlist: false } }, async () => 'ok')
  const server = await serve(fastify)

  const statuses = async (as: string) =>
    Promise.all(
      ['/staff', '/admin', '/health'].map(async (path) => (await ask(server, path, as)).status),
    )
  expect(await statuses('203.0.113.9')).toEqual([403, 403, 200])
  expect(await statuses('10.1.1.1')).toEqual([200, 403, 200])
  expect(await statuses('10.9.1.1')).toEqual([200, 200, 200])
})

test.each<[string, object, string, string]>([
  ['a misspelt default', { lists: {}, defualt: 'staff' }, 'unknown-option', 'defualt'],
  ['options of one list', { lists: {}, deny: ['203.0.113.0/24'] }, 'unknown-option', 'deny'],
  ['an array of lists', { lists: [{ allow: [] }] }, 'bad-option', 'lists'],
  ['a default that is no list', { lists: {}, default: 'staff' }, 'unknown-list', 'default'],
  ['a list in place of options', defineAllowlist({ deny: [] }), 'bad-option', ''],
  ['a list that was not built', { list: { deny: ['203.0.113.0/24'] } }, 'bad-option', 'list'],
  [
    'a deny beside a list',
    { list: defineAllowlist({ deny: [] }), deny: ['203.0.113.0/24'] },
    'unknown-option',
    'deny',
  ],
])('lists: %s is an error at start-up', async (_name, options, code, path) => {
  await expect(create().register(allowlist, options as AllowlistPluginOptions)).rejects.toThrow(
    expect.objectContaining({ name: 'AllowlistError', code, path }),
  )
})

test('a route that names an unknown list is an error at start-up', async () => {
  const fastify = create()
  await fastify.register(allowlist, { lists: { admin: { allow: [] } } })
  expect(() => fastify.get('/x', { config: { allowlist: 'admins' } }, async () => 'x')).toThrow(
    expect.objectContaining({ code: 'unknown-list', message: expect.stringContaining('admin') }),
  )
})

test.each([true, null, ''])(
  'a route that names its list by %j is an error at start-up',
  async (name) => {
    const fastify = create()
    await fastify.register(allowlist, { lists: { admin: { allow: [] } } })
    const config = { allowlist: name as 'admin' }
    expect(() => fastify.get('/x', { config }, async () => 'x')).toThrow(
      expect.objectContaining({ code: 'unknown-list' }),
    )
  },
)

test.each([
  ['options', { deny: [] }],
  ['an allowlist built before', { list: defineAllowlist<FastifyRequest>({ deny: [] }) }],
])(
  'a route that names an unknown list is an error beside a single list from %s',
  async (_, own) => {
    const fastify = create()
    fastify.get('/before', { config: { allowlist: 'admin' } }, async () => 'in')
    await fastify.register(allowlist, own)
    expect(() => fastify.get('/x', { config: { allowlist: 'admin' } }, async () => 'x')).toThrow(
      expect.objectContaining({ code: 'unknown-list' }),
    )
    // Added before the plugin, so nobody could refuse it at start-up.
    expect(await ask(await serve(fastify), '/before', '203.0.113.9')).toMatchObject({ status: 500 })
  },
)

test('a single list applies where a route gives its name, and not where it says false', async () => {
  const fastify = create()
  await fastify.register(allowlist, { allow: [], name: 'nobody' })
  fastify.get('/named', { config: { allowlist: 'nobody' } }, async () => 'in')
  fastify.get('/open', { config: { allowlist: false } }, async () => 'in')
  const server = await serve(fastify)
  expect(await ask(server, '/named', '203.0.113.9')).toMatchObject({ status: 403 })
  expect(await ask(server, '/open', '203.0.113.9')).toMatchObject({ status: 200 })
})

test('a route names a list of its own scope, and passes those of the scopes around it as well', async () => {
  const fastify = create()
  await fastify.register(allowlist, { deny: ['198.51.100.7'] })
  await fastify.register(async (scope) => {
    await scope.register(allowlist, { lists: { admin: { allow: ['198.51.100.0/24'] } } })
    scope.get('/admin', { config: { allowlist: 'admin' } }, async () => 'in')
  })
  expect(() => fastify.get('/x', { config: { allowlist: 'admin' } }, async () => 'x')).toThrow(
    expect.objectContaining({ code: 'unknown-list' }),
  )
  const server = await serve(fastify)
  const statusFor = async (as: string) => (await ask(server, '/admin', as)).status
  expect(await statusFor('198.51.100.8')).toBe(200)
  expect(await statusFor('198.51.100.7')).toBe(403)
  expect(await statusFor('203.0.113.9')).toBe(403)
})

test('takes an allowlist built before, and what Fastify takes at every registration', async () => {
  const list = defineAllowlist({ allow: ['203.0.113.0/24'] })
  const fastify = create()
  await fastify.register(allowlist, { list, logLevel: 'warn', prefix: '/x' })
  fastify.get('/', async () => 'in')
  const server = await serve(fastify)
  expect(await ask(server, '/', '203.0.113.9')).toMatchObject({ status: 200 })
  await list.replace({ allow: [] })
  expect(await ask(server, '/', '203.0.113.9')).toMatchObject({ status: 403 })
})

test('bad options fail the registration', async () => {
  await expect(create().register(allowlist, {})).rejects.toMatchObject({ code: 'missing-lists' })
})

test('passes onRefused every refusal with the request, and tells the client nothing about it', async () => {
  const onRefused = vi.fn()
  const fastify = create()
  await fastify.register(allowlist, { deny: ['198.51.100.7'], onRefused })
  fastify.get('/', async () => 'in')
  const server = await serve(fastify)
  const refused = await ask(server, '/', '198.51.100.7')
  await ask(server, '/', '203.0.113.9')
  expect(onRefused.mock.calls.map(([decision, request]) => [decision, request.url])).toEqual([
    [expect.objectContaining({ allowed: false, entry: '198.51.100.7' }), '/'],
  ])
  expect(refused.body).not.toContain('198.51.100.7')
})

test('a callback that throws answers with an error and lets nobody through', async () => {
  const fastify = create()
  const onRefused = () => {
    throw new Error('broken callback')
  }
  await fastify.register(allowlist, { deny: ['203.0.113.9'], onRefused })
  fastify.get('/', async () => 'in')
  expect(await ask(await serve(fastify), '/', '203.0.113.9')).toMatchObject({ status: 500 })
})
