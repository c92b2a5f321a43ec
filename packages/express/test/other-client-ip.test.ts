import { createRequire } from 'node:module'
import type { RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import { truehop } from '../src/index.js'
import { CLIENT, EDGE, serve, VERSIONS, XFF } from './setup.js'

/** Without its types, which give `clientIp` another one. */
const { mw: requestIp }: { mw: (options?: { attributeName: string }) => RequestHandler } =
  createRequire(import.meta.url)('request-ip')

/** request-ip believes the first of these, whoever sent it. */
const FORGED = { headers: { 'x-client-ip': '6.6.6.6', 'x-forwarded-for': CLIENT } }

describe.each(VERSIONS)('%s: req.clientIp of other middleware', (_, express) => {
  const answers: RequestHandler = (request, response) => {
    response.send(request.clientIp)
  }
  const assigns: RequestHandler = (request, _response, next) => {
    Object.assign(request, { clientIp: '6.6.6.6' })
    next()
  }

  test.each([
    ['request-ip', requestIp()],
    ['an assignment', assigns],
  ])('is refused where %s comes first: the error names it', async (_name, other) => {
    const app = express().use(other, truehop(XFF))
    app.get('/', answers)
    const { port } = await serve(app)
    const { status, body } = await ask({ port, from: EDGE }, FORGED)
    expect(status).toBe(500)
    expect(body).toContain('client-ip-set')
    expect(body).not.toContain('6.6.6.6')
  })

  test.each([
    ['request-ip', requestIp()],
    ['an assignment', assigns],
  ])('never wins where %s comes later', async (_name, other) => {
    const app = express().use(truehop(XFF), other)
    app.get('/', answers)
    const { port } = await serve(app)
    const { status, body } = await ask({ port, from: EDGE }, FORGED)
    expect(status).toBe(500)
    expect(body).not.toContain('6.6.6.6')
  })

  test('is not missed by request-ip under another name', async () => {
    const app = express().use(requestIp({ attributeName: 'guessedIp' }), truehop(XFF))
    app.get('/', answers)
    const { port } = await serve(app)
    expect((await ask({ port, from: EDGE }, FORGED)).body).toBe(CLIENT)
  })
})

describe.each(VERSIONS)('%s: req.ip that other middleware has set', (_, express) => {
  const sets = (configurable: boolean): RequestHandler => {
    return (request, _response, next) => {
      Object.defineProperty(request, 'ip', { value: '6.6.6.6', configurable })
      next()
    }
  }

  test('does not stay', async () => {
    const app = express().use(sets(true), truehop(XFF))
    app.get('/', (request, response) => void response.send(request.ip))
    const { port } = await serve(app)
    expect((await ask({ port, from: EDGE }, FORGED)).body).toBe(CLIENT)
  })

  test('is refused where it cannot be taken away', async () => {
    const app = express().use(sets(false), truehop(XFF))
    app.get('/', (request, response) => void response.send(request.ip))
    const { port } = await serve(app)
    const { status, body } = await ask({ port, from: EDGE }, FORGED)
    expect({ status, named: body.includes('client-ip-set') }).toEqual({ status: 500, named: true })
  })
})
