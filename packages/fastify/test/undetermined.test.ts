import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, test } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import truehop from '../src/index.js'
import { EDGE, listen, XFF } from './setup.js'

/** What the edge passes on names nobody. */
const NOBODY = { headers: { 'x-forwarded-for': '203.0.113.66, _hidden-by-7' } }

const PROBLEM = {
  type: 'about:blank',
  title: 'Bad Request',
  status: 400,
  detail: 'The client of this request could not be determined.',
}

async function appWith(called: string[], onUndetermined?: 'reject' | 'continue', logger = {}) {
  const app: FastifyInstance = fastify(logger)
  app.register(async (child) => {
    child.get('/earlier', async () => void called.push('earlier child'))
  })
  await app.register(truehop, onUndetermined === undefined ? XFF : { ...XFF, onUndetermined })
  app.addHook('onRequest', async () => void called.push('hook'))
  app.setNotFoundHandler(async () => void called.push('not found handler'))
  const onRequest = async () => void called.push('hook of the route')
  app.get('/', { onRequest }, async ({ clientIp, ip, clientIdentity }) => {
    called.push('route')
    return { clientIp, ip, clientIdentity }
  })
  app.post('/', async () => void called.push('route'))
  return app
}

describe('by default a request whose client is undetermined', () => {
  test.each([
    ['GET', '/'],
    ['POST', '/'],
    ['GET', '/nowhere'],
    ['GET', '/earlier'],
  ])('%s %s is answered with a problem before anything runs', async (method, path) => {
    const called: string[] = []
    const port = await listen(await appWith(called))
    const body = method === 'POST' ? { body: 'x'.repeat(100_000) } : {}
    const reply = await ask({ port, from: EDGE }, { method, path, ...NOBODY, ...body })
    expect(reply.status).toBe(400)
    expect(reply.headers['content-type']).toBe('application/problem+json')
    expect(reply.headers['cache-control']).toBe('no-store')
    expect(JSON.parse(reply.body)).toEqual(PROBLEM)
    expect(called).toEqual([])
  })

  test('is not told any address or header text', async () => {
    const port = await listen(await appWith([]))
    const { body, headers } = await ask({ port, from: EDGE }, NOBODY)
    const told = body + JSON.stringify(headers)
    expect(told).not.toMatch(/127\.0\.0|203\.0\.113|hidden/)
  })

  test('HEAD gets the status alone', async () => {
    const port = await listen(await appWith([]))
    const reply = await ask({ port, from: EDGE }, { method: 'HEAD', ...NOBODY })
    expect(reply).toMatchObject({ status: 400, body: '' })
  })

  test('is logged with the reason, the rule and the hop', async () => {
    const lines: { msg: string }[] = []
    const logger = { logger: { stream: { write: (line: string) => lines.push(JSON.parse(line)) } } }
    const port = await listen(await appWith([], 'reject', logger))
    await ask({ port, from: EDGE }, NOBODY)
    expect(lines.find(({ msg }) => msg === 'client undetermined')).toMatchObject({
      reason: 'unidentified-node',
      source: 'x-forwarded-for',
      rule: 'hop-1',
      lastTrustedHop: EDGE,
      peer: EDGE,
    })
  })
})

test("with 'continue' it goes on, as unknown", async () => {
  const called: string[] = []
  const port = await listen(await appWith(called, 'continue'))
  const { status, body } = await ask({ port, from: EDGE }, NOBODY)
  expect(status).toBe(200)
  expect(JSON.parse(body)).toMatchObject({
    clientIp: 'unknown',
    ip: 'unknown',
    clientIdentity: { status: 'undetermined', reason: 'unidentified-node' },
  })
  expect(called).toEqual(['hook', 'hook of the route', 'route'])
})
