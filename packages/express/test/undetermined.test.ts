import { describe, expect, test } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import { truehop } from '../src/index.js'
import { EDGE, serve, VERSIONS, XFF } from './setup.js'

/** What the edge passes on names nobody. */
const NOBODY = { headers: { 'x-forwarded-for': '203.0.113.66, _hidden-by-7' } }

const PROBLEM = {
  type: 'about:blank',
  title: 'Bad Request',
  status: 400,
  detail: 'The client of this request could not be determined.',
}

describe.each(VERSIONS)('%s', (_version, express) => {
  async function started(called: string[], onUndetermined?: 'reject' | 'continue') {
    const app = express()
    app.use(truehop(onUndetermined === undefined ? XFF : { ...XFF, onUndetermined }))
    app.all('/', ({ clientIp, ip, clientIdentity }, response) => {
      called.push('route')
      response.json({ clientIp, ip, clientIdentity })
    })
    app.use((_request, response) => {
      called.push('not found handler')
      response.status(404).end()
    })
    return (await serve(app)).port
  }

  test.each([
    ['GET', '/'],
    ['POST', '/'],
    ['GET', '/nowhere'],
  ])('by default %s %s is answered with a problem before anything runs', async (method, path) => {
    const called: string[] = []
    const port = await started(called)
    const body = method === 'POST' ? { body: 'x'.repeat(100_000) } : {}
    const reply = await ask({ port, from: EDGE }, { method, path, ...NOBODY, ...body })
    expect(reply.status).toBe(400)
    expect(reply.headers['content-type']).toBe('application/problem+json')
    expect(reply.headers['cache-control']).toBe('no-store')
    expect(JSON.parse(reply.body)).toEqual(PROBLEM)
    expect(reply.body + JSON.stringify(reply.headers)).not.toMatch(/127\.0\.0|203\.0\.113|hidden/)
    expect(called).toEqual([])
  })

  test('HEAD gets the status alone', async () => {
    const reply = await ask({ port: await started([]), from: EDGE }, { method: 'HEAD', ...NOBODY })
    expect(reply).toMatchObject({ status: 400, body: '' })
  })

  test("with 'continue' it goes on, as unknown", async () => {
    const called: string[] = []
    const reply = await ask({ port: await started(called, 'continue'), from: EDGE }, NOBODY)
    expect(reply.status).toBe(200)
    expect(JSON.parse(reply.body)).toMatchObject({
      clientIp: 'unknown',
      ip: 'unknown',
      clientIdentity: { status: 'undetermined', reason: 'unidentified-node' },
    })
    expect(called).toEqual(['route'])
  })
})
