import { createServer } from 'node:http'
import { definePolicy, PolicyError } from '@truehop/identity'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import { describe, expect, test, vi } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import {
  truehop as named,
  TruehopExpressError,
  type TruehopOptions,
  default as truehop,
} from '../src/index.js'
import {
  BALANCER,
  CLIENT,
  EDGE,
  PROXY,
  proxyHeader,
  STRANGER,
  serve,
  VERSIONS,
  XFF,
} from './setup.js'

describe('options', () => {
  test('the function has two names', () => expect(named).toBe(truehop))

  test.each([
    ['nothing', {}, 'missing-hops', ''],
    ['a misspelt option', { ...XFF, onUndetermind: 'continue' }, 'unknown-option', 'onUndetermind'],
    [
      'another way out',
      { ...XFF, onUndetermined: 'ignore' },
      'bad-on-undetermined',
      'onUndetermined',
    ],
    ['options as the policy', { policy: XFF }, 'bad-policy', 'policy'],
    ['a policy and hops', { policy: definePolicy(XFF), hops: [] }, 'bad-policy', 'policy'],
    ['a number of hops', { trust: 1, header: 'x-forwarded-for' }, 'bad-from', 'trust'],
    ['what Express takes', true, 'bad-policy', ''],
  ])('%s is refused at start-up', (_name, options, code, path) => {
    const attempt = () => truehop(options as TruehopOptions)
    expect(attempt).toThrow(PolicyError)
    expect(attempt).toThrow(expect.objectContaining({ code, path }))
  })

  test.each([null, 'console', {}])('the logger %j is refused at start-up', (logger) => {
    const attempt = () => truehop({ ...XFF, logger } as unknown as TruehopOptions)
    expect(attempt).toThrow(TruehopExpressError)
    expect(attempt).toThrow(expect.objectContaining({ code: 'bad-logger' }))
  })

  test('prefixes with host bits set are pointed out', () => {
    const warn = vi.fn()
    truehop({ trust: ['10.1.2.3/8'], header: 'x-forwarded-for', logger: { warn } })
    expect(warn).toHaveBeenCalledWith({}, expect.stringContaining('10.1.2.3/8'))
  })
})

/** Middleware that answers with the code and the message of an error. */
const tell: ErrorRequestHandler = (error, _request, response, _next) => {
  response.status(500).json({ code: error.code, message: error.message })
}

describe.each(VERSIONS)('%s', (_version, express) => {
  function answering(...middleware: RequestHandler[]): Express {
    const app = express()
    for (const each of middleware) app.use(each)
    app.use(({ ip, clientIp }, response) => void response.json({ ip, clientIp }))
    app.use(tell)
    return app
  }

  test.each([true, 1, 'loopback', ['10.0.0.0/8'], () => true])(
    "every request fails where 'trust proxy' is %s",
    async (value) => {
      const app = answering(truehop(XFF))
      app.set('trust proxy', value)
      const { port } = await serve(app)
      for (let at = 0; at < 2; at++) {
        const { status, body } = await ask({ port, from: EDGE })
        expect(status).toBe(500)
        expect(JSON.parse(body)).toMatchObject({
          code: 'trust-proxy-set',
          message: expect.stringContaining("'trust proxy' is set"),
        })
      }
    },
  )

  test.each([false, 0])("'trust proxy' may be %s", async (value) => {
    const app = answering(truehop(XFF))
    app.set('trust proxy', value)
    const { port } = await serve(app)
    const { body } = await ask({ port, from: EDGE }, { headers: { 'x-forwarded-for': CLIENT } })
    expect(JSON.parse(body)).toEqual({ ip: CLIENT, clientIp: CLIENT })
  })

  test('a policy with a proxy-protocol hop fails every request of a server not attached', async () => {
    const { port } = await serve(answering(truehop(PROXY)))
    for (let at = 0; at < 2; at++) {
      const { status, body } = await ask({ port, from: BALANCER })
      expect(status).toBe(500)
      expect(JSON.parse(body)).toMatchObject({
        code: 'not-attached',
        message: expect.stringContaining('identity.attach(app.listen(3000))'),
      })
    }
  })

  test('… also of the second server, where the first one is attached', async () => {
    const identity = truehop(PROXY)
    const seen: unknown[] = []
    const app = express()
    app.use(identity, ({ ip }, response) => void response.json(ip))
    const atError: ErrorRequestHandler = (error, request, response, _next) => {
      seen.push(error.code, request.ip, request.clientIp, request.clientIdentity)
      response.status(500).end()
    }
    app.use(atError)
    const attached = await serve(app, identity)
    const other = await serve(app)
    const { body } = await ask({ port: attached.port, from: BALANCER, before: proxyHeader() })
    expect(JSON.parse(body)).toBe(CLIENT)
    expect((await ask({ port: other.port, from: BALANCER })).status).toBe(500)
    expect(seen).toEqual(['not-attached', 'unknown', 'unknown', undefined])
  })

  test('two policies for one request fail it', async () => {
    const { port } = await serve(answering(truehop(XFF), truehop({ hops: [] })))
    for (let at = 0; at < 2; at++) {
      const { status, body } = await ask({ port, from: STRANGER })
      expect(status).toBe(500)
      expect(JSON.parse(body)).toMatchObject({ code: 'already-installed' })
    }
  })

  test('one that is used twice is one', async () => {
    const identity = truehop(XFF)
    const mounted = express()
    mounted.use(identity, ({ ip }, response) => void response.json(ip))
    const app = express()
    app.use(identity, mounted)
    const { port } = await serve(app)
    const { body } = await ask({ port, from: EDGE }, { headers: { 'x-forwarded-for': CLIENT } })
    expect(JSON.parse(body)).toBe(CLIENT)
  })

  test('attach refuses the application', () => {
    const identity = truehop(PROXY)
    const attempt = () => identity.attach(express() as never)
    expect(attempt).toThrow(TruehopExpressError)
    expect(attempt).toThrow(expect.objectContaining({ code: 'bad-server' }))
  })
})

test('attach gives the server back, and attaching it again changes nothing', () => {
  const identity = truehop(PROXY)
  const server = createServer()
  expect(identity.attach(server)).toBe(server)
  expect(identity.attach(server)).toBe(server)
  expect(identity.proxyProtocol).toHaveLength(1)
})

test('without a proxy-protocol hop there is nothing to count', () => {
  const identity = truehop(XFF)
  identity.attach(createServer())
  expect(identity.proxyProtocol).toEqual([])
})
