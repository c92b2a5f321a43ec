import { allowlist } from '@truehop/allowlist/fastify'
import { accessLog } from '@truehop/log/fastify'
import { rateLimit } from '@truehop/rate-limit/fastify'
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { portOf } from '../../../test/edges/app.js'
import { askH2 } from '../../../test/edges/client.js'
import { truehop } from '../src/index.js'
import { CLIENT, EDGE, XFF } from './setup.js'

/** RFC 2324, and what no version of Node has a name for. */
const BREW = { method: 'BREW', headers: { 'x-forwarded-for': CLIENT } }

function instance() {
  const lines: { msg?: string; req?: object; [name: string]: unknown }[] = []
  const app = fastify({
    http2: true,
    logger: { stream: { write: (line: string) => lines.push(JSON.parse(line)) } },
  })
  onTestFinished(() => app.close())
  return { app, lines }
}

async function way(app: ReturnType<typeof instance>['app']) {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: portOf(app.server), from: EDGE }
}

test('a method that Fastify does not know meets the allowlist', async () => {
  const { app } = instance()
  await app.register(truehop, XFF)
  await app.register(allowlist, { deny: [CLIENT] })
  expect((await askH2(await way(app), BREW)).status).toBe(403)
})

test('a method that Fastify does not know counts against the limit', async () => {
  const { app } = instance()
  await app.register(truehop, XFF)
  await app.register(rateLimit, { limit: 2, window: 60 })
  const to = await way(app)
  const statuses: number[] = []
  for (let i = 0; i < 4; i++) statuses.push((await askH2(to, BREW)).status)
  expect(statuses).toEqual([404, 404, 429, 429])
})

test('a method that Fastify does not know is answered 400 where nobody can be named', async () => {
  const { app } = instance()
  await app.register(truehop, XFF)
  const headers = { 'x-forwarded-for': 'nobody' }
  expect((await askH2(await way(app), { ...BREW, headers })).status).toBe(400)
})

test('a method that Fastify does not know has its own name in hooks, handlers and lines', async () => {
  const { app, lines } = instance()
  const seen: string[] = []
  await app.register(truehop, XFF)
  await app.register(accessLog, {})
  app.addHook('onRequest', async ({ method, raw, clientIp }) => {
    seen.push(method, String(raw.method), clientIp)
  })
  app.setNotFoundHandler(({ method }, reply) => {
    seen.push(method)
    reply.code(404).send()
  })
  expect((await askH2(await way(app), BREW)).status).toBe(404)
  expect(seen).toEqual(['BREW', 'BREW', CLIENT, 'BREW'])
  expect(lines.find(({ msg }) => msg === 'incoming request')?.req).toMatchObject({ method: 'BREW' })
  expect(JSON.stringify(lines.find(({ msg }) => msg === 'access'))).toContain('BREW')
  expect(JSON.stringify(lines).length).toBeLessThan(3000)
})

test('a method that Fastify knows and has no route for is as before', async () => {
  const { app } = instance()
  await app.register(truehop, XFF)
  app.get('/', async () => 'here')
  const to = await way(app)
  const headers = BREW.headers
  expect((await askH2(to, { method: 'GET', headers })).body).toBe('here')
  expect((await askH2(to, { method: 'PURGE', headers })).status).toBe(404)
})
