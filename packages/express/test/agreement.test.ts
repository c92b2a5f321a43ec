import { type ClientIdentity, identityOf } from '@truehop/identity'
import type { ErrorRequestHandler, Express, Request, RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import { truehop } from '../src/index.js'
import { CLIENT, EDGE, STRANGER, serve, VERSIONS, XFF } from './setup.js'

/** Everything one request was seen as, in the order of asking. */
class Sightings {
  readonly identities: (ClientIdentity | undefined)[] = []
  readonly addresses: (string | undefined)[] = []
  readonly places: string[] = []

  note(place: string, request: Request): void {
    this.places.push(place)
    this.identities.push(request.clientIdentity, identityOf(request))
    this.addresses.push(request.clientIp, request.ip)
  }

  middleware(place: string): RequestHandler {
    return (request, _response, next) => {
      this.note(place, request)
      next()
    }
  }

  route(place: string): RequestHandler {
    return (request, response) => {
      this.note(place, request)
      response.end()
    }
  }

  errorHandler(place: string): ErrorRequestHandler {
    return (_error, request, response, _next) => {
      this.note(place, request)
      response.status(500).end()
    }
  }

  expectOne(place: string, ip: string): void {
    expect(this.places).toContain(place)
    expect(new Set(this.addresses)).toEqual(new Set([ip]))
    expect(new Set(this.identities).size).toBe(1)
  }
}

const FROM_EDGE = { headers: { 'x-forwarded-for': `203.0.113.66, ${CLIENT}` } }

const fails: RequestHandler = () => {
  throw new Error('on purpose')
}

describe.each(VERSIONS)('%s: req.ip, clientIp and clientIdentity agree', (_version, express) => {
  function appWith(seen: Sightings): Express {
    const app = express()
    app.use(truehop(XFF))
    app.use(seen.middleware('middleware'))
    app.get('/route', seen.route('route'))
    app.get('/fails', fails)

    const router = express.Router()
    router.get('/route', seen.route('route of a router'))
    app.use('/router', router)

    const mounted = express()
    mounted.use(seen.middleware('middleware of a mounted app'))
    mounted.get('/route', seen.route('route of a mounted app'))
    mounted.get('/fails', fails)
    const inner = express()
    inner.get('/route', seen.route('route of an app mounted in it'))
    inner.get('/fails', fails)
    inner.use(seen.errorHandler('error handler of an app mounted in it'))
    mounted.use('/inner', inner)
    app.use('/mounted', mounted)

    app.use(seen.route('not found handler'))
    app.use(seen.errorHandler('error handler'))
    return app
  }

  test.each([
    ['/route', 'middleware'],
    ['/route', 'route'],
    ['/fails', 'error handler'],
    ['/nowhere', 'not found handler'],
    ['/router/route', 'route of a router'],
    ['/mounted/route', 'middleware of a mounted app'],
    ['/mounted/route', 'route of a mounted app'],
    ['/mounted/fails', 'error handler'],
    ['/mounted/nowhere', 'not found handler'],
    ['/mounted/inner/route', 'route of an app mounted in it'],
    ['/mounted/inner/fails', 'error handler of an app mounted in it'],
  ])('%s: %s', async (path, place) => {
    const seen = new Sightings()
    const { port } = await serve(appWith(seen))
    await ask({ port, from: EDGE }, { path, ...FROM_EDGE })
    seen.expectOne(place, CLIENT)
  })

  test('in a mounted application that has it alone', async () => {
    const seen = new Sightings()
    const mounted = express()
    mounted.use(truehop(XFF), seen.route('route'))
    const app = express()
    app.use('/mounted', mounted)
    const { port } = await serve(app)
    await ask({ port, from: EDGE }, { path: '/mounted', ...FROM_EDGE })
    seen.expectOne('route', CLIENT)
  })

  test('in middleware that runs before, once the first request is through', async () => {
    const seen: (string | undefined)[] = []
    const app = express()
    app.use((request, _response, next) => {
      seen.push(request.ip)
      next()
    })
    app.use(truehop(XFF), (_request, response) => void response.end())
    const { port } = await serve(app)
    for (let at = 0; at < 2; at++) await ask({ port, from: EDGE }, FROM_EDGE)
    expect(seen[1]).toBe(CLIENT)
  })

  test('on an attached server identityOf knows the request before any middleware', async () => {
    const seen: unknown[] = []
    const app = express()
    const identity = truehop(XFF)
    app.use((request, _response, next) => {
      seen.push(identityOf(request))
      next()
    })
    app.use(identity, (request, response) => {
      seen.push(request.clientIdentity)
      response.end()
    })
    const { port } = await serve(app, identity)
    await ask({ port, from: EDGE }, FROM_EDGE)
    expect(seen).toMatchObject([{ ip: CLIENT }, { ip: CLIENT }])
    expect(seen[0]).toBe(seen[1])
  })

  test('a request from nobody in particular is that peer, whatever it says', async () => {
    const app = express()
    app.use(truehop(XFF), ({ ip, clientIdentity: { reason } }, response) => {
      response.json({ ip, reason })
    })
    const { port } = await serve(app)
    const { body } = await ask({ port, from: STRANGER }, FROM_EDGE)
    expect(JSON.parse(body)).toEqual({ ip: STRANGER, reason: 'peer-untrusted' })
  })

  test('the prototype of the requests has no identity, and takes none on', async () => {
    const app = express()
    app.use(truehop(XFF), ({ ip }, response) => void response.send(ip))
    const { port } = await serve(app)
    await ask({ port, from: STRANGER })
    const { ip, clientIp, clientIdentity } = app.request
    expect([ip, clientIp, clientIdentity]).toEqual([undefined, undefined, undefined])
    expect((await ask({ port, from: EDGE }, FROM_EDGE)).body).toBe(CLIENT)
    expect((await ask({ port, from: STRANGER })).body).toBe(STRANGER)
  })
})
