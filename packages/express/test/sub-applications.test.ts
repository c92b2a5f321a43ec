import type { Express, Request, RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import { truehop } from '../src/index.js'
import { CLIENT, EDGE, serve, VERSIONS, XFF } from './setup.js'

const POLICY = { ...XFF, original: ['proto', 'host'] } as const

const FROM_EDGE = {
  headers: {
    'x-forwarded-for': `203.0.113.66, ${CLIENT}`,
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'app.example:8443',
  },
}

/** What a request says of itself; as JSON has it, so without what is undefined. */
const seenAs = (request: Request): object => {
  const { ip, clientIp, clientIdentity, protocol, secure, hostname } = request
  return { ip, clientIp, known: clientIdentity?.status, protocol, secure, hostname }
}

const SEEN = {
  ip: CLIENT,
  clientIp: CLIENT,
  known: 'resolved',
  protocol: 'https',
  secure: true,
  hostname: 'app.example',
}

const answers: RequestHandler = (request, response) => {
  response.json(seenAs(request))
}

describe.each(VERSIONS)('%s: an application that another hands requests to', (_, express) => {
  /** Ways to hand a request on that Express documents or does not hinder. */
  const WAYS: Record<string, (app: Express, sub: Express) => void> = {
    'app.use': (app, sub) => app.use(sub),
    'app.use under a path': (app, sub) => app.use('/', sub),
    'a Router': (app, sub) => app.use(express.Router().use(sub)),
    'a Router in a Router': (app, sub) => app.use(express.Router().use(express.Router().use(sub))),
    'a virtual host': (app, sub) =>
      app.use((request, response, next) =>
        request.headers.host === 'nobody' ? next() : sub(request, response, next),
      ),
    'a route': (app, sub) => app.all('/', (request, response) => sub(request, response)),
    'its handle()': (app, sub) =>
      app.use((request, response, next) => Reflect.apply(sub, sub, [request, response, next])),
  }

  test.each(Object.entries(WAYS))('through %s sees the one client', async (_way, hand) => {
    const app = express()
    const sub = express()
    app.use(truehop(POLICY))
    sub.get('/', answers)
    hand(app, sub)
    const { port } = await serve(app)
    expect(JSON.parse((await ask({ port, from: EDGE }, FROM_EDGE)).body)).toMatchObject(SEEN)
  })

  test('leaves it so when it hands the request back', async () => {
    const app = express()
    const sub = express()
    app.use(truehop(POLICY))
    app.use(express.Router().use(sub))
    app.get('/', answers)
    const { port } = await serve(app)
    expect(JSON.parse((await ask({ port, from: EDGE }, FROM_EDGE)).body)).toMatchObject(SEEN)
  })

  test('does not believe a list through its own trust proxy', async () => {
    const app = express()
    const sub = express().set('trust proxy', true).get('/', answers)
    app.use(truehop(POLICY), express.Router().use(sub))
    const { port } = await serve(app)
    const body = JSON.parse((await ask({ port, from: EDGE }, FROM_EDGE)).body)
    expect(body).toMatchObject(SEEN)
  })

  test('keeps what Express says where no policy is in force', async () => {
    const app = express().use(truehop(POLICY))
    const { port } = await serve(app)
    await ask({ port, from: EDGE }, FROM_EDGE)
    const other = express().set('trust proxy', true).get('/', answers)
    const { port: elsewhere } = await serve(other)
    const { body } = await ask({ port: elsewhere, from: EDGE }, FROM_EDGE)
    expect(JSON.parse(body)).toMatchObject({ ip: '203.0.113.66', protocol: 'https' })
    expect(JSON.parse(body)).not.toHaveProperty('clientIp')
  })

  test('keeps what Express says in shadow mode, and names the client beside it', async () => {
    const app = express().set('trust proxy', true)
    app.use(truehop({ ...POLICY, compareWith: 'trust proxy' }))
    app.use(express.Router().use(express().set('trust proxy', true).get('/', answers)))
    const { port } = await serve(app)
    const { body } = await ask({ port, from: EDGE }, FROM_EDGE)
    expect(JSON.parse(body)).toMatchObject({ ip: '203.0.113.66', clientIp: CLIENT })
  })
})
