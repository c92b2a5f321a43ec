import { type ClientIdentity, identityOf } from '@truehop/identity'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { describe, expect, test } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import truehop from '../src/index.js'
import { CLIENT, EDGE, listen, STRANGER, XFF } from './setup.js'

/** Everything one request was seen as, in the order of asking. */
class Sightings {
  readonly identities: ClientIdentity[] = []
  readonly addresses: string[] = []
  readonly places: string[] = []

  note(place: string, request: FastifyRequest): void {
    this.places.push(place)
    this.identities.push(request.clientIdentity, identityOf(request), identityOf(request.raw))
    this.addresses.push(request.clientIp, request.ip)
  }

  expectOne(place: string, ip: string): void {
    expect(this.places).toContain(place)
    expect(new Set(this.addresses)).toEqual(new Set([ip]))
    expect(new Set(this.identities).size).toBe(1)
  }
}

const FROM_EDGE = { headers: { 'x-forwarded-for': `203.0.113.66, ${CLIENT}` } }

async function appWith(seen: Sightings): Promise<FastifyInstance> {
  const app = fastify()
  app.get('/earlier', async (request) => seen.note('earlier route', request))
  app.register(async (child) => {
    child.get('/earlier-child', async (request) => seen.note('earlier child', request))
  })
  app.addHook('onRequest', async (request) => seen.note('hook before', request))
  await app.register(truehop, XFF)
  for (const hook of ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const) {
    app.addHook(hook, async (request: FastifyRequest) => seen.note(hook, request))
  }
  for (const hook of ['onSend', 'onResponse', 'onError'] as const) {
    app.addHook(hook, async (request: FastifyRequest) => seen.note(hook, request))
  }
  app.setErrorHandler(async (_error, request, reply) => {
    seen.note('error handler', request)
    reply.code(500)
  })
  app.setNotFoundHandler(async (request, reply) => {
    seen.note('not found handler', request)
    reply.code(404)
  })
  app.get('/later', async (request) => seen.note('later route', request))
  app.get('/fails', async (request) => {
    seen.note('failing route', request)
    throw new Error('on purpose')
  })
  app.register(async (child) => {
    child.addHook('onRequest', async (request) => seen.note('hook of a child', request))
    child.get('/child', async (request) => seen.note('child', request))
    child.register(async (grandchild) => {
      grandchild.get('/grandchild', async (request) => seen.note('grandchild', request))
      grandchild.setErrorHandler(async (_error, request) => seen.note('its handler', request))
      grandchild.get('/grandchild-fails', async () => {
        throw new Error('on purpose')
      })
    })
  })
  return app
}

const PLACES = [
  ['/earlier', 'earlier route'],
  ['/earlier', 'hook before'],
  ['/earlier', 'onSend'],
  ['/earlier-child', 'earlier child'],
  ['/later', 'later route'],
  ['/fails', 'failing route'],
  ['/fails', 'error handler'],
  ['/fails', 'onError'],
  ['/nowhere', 'not found handler'],
  ['/nowhere', 'hook before'],
  ['/child', 'hook of a child'],
  ['/child', 'child'],
  ['/grandchild', 'grandchild'],
  ['/grandchild-fails', 'its handler'],
] as const

describe('request.ip, clientIp and clientIdentity agree', () => {
  test.each(PLACES)('%s: %s', async (path, place) => {
    const seen = new Sightings()
    const port = await listen(await appWith(seen))
    await ask({ port, from: EDGE }, { path, ...FROM_EDGE })
    seen.expectOne(place, CLIENT)
  })

  test.each(PLACES)('injected %s: %s', async (url, place) => {
    const seen = new Sightings()
    const app = await appWith(seen)
    await app.inject({ url, remoteAddress: EDGE, ...FROM_EDGE })
    seen.expectOne(place, CLIENT)
  })
})

test('a request from nobody in particular is that peer, whatever it says', async () => {
  const app = fastify()
  await app.register(truehop, XFF)
  app.get('/', async ({ ip, clientIdentity: { reason } }) => ({ ip, reason }))
  const { body } = await ask({ port: await listen(app), from: STRANGER }, FROM_EDGE)
  expect(JSON.parse(body)).toEqual({ ip: STRANGER, reason: 'peer-untrusted' })
})

test('two requests of one peer are two identities', async () => {
  const app = fastify()
  await app.register(truehop, XFF)
  const identities: ClientIdentity[] = []
  app.get('/', async (request) => void identities.push(request.clientIdentity))
  const inject = (client: string) =>
    app.inject({ url: '/', remoteAddress: EDGE, headers: { 'x-forwarded-for': client } })
  await inject('192.0.2.1')
  await inject('192.0.2.2')
  expect(identities.map((identity) => identity.status === 'resolved' && identity.ip)).toEqual([
    '192.0.2.1',
    '192.0.2.2',
  ])
})

describe('log lines', () => {
  test.each(['/', '/nowhere', '/fails'])(
    '%s: every line that names an address names the client',
    async (path) => {
      const lines: { msg: string; req?: { remoteAddress?: string } }[] = []
      const app = fastify({
        logger: { stream: { write: (line) => void lines.push(JSON.parse(line)) } },
      })
      await app.register(truehop, XFF)
      app.get('/', async () => 'fine')
      app.get('/fails', async () => {
        throw new Error('on purpose')
      })
      await ask({ port: await listen(app), from: EDGE }, { path, ...FROM_EDGE })
      const named = lines.filter(({ req }) => req !== undefined)
      expect(named.map(({ msg }) => msg)).toContain('incoming request')
      expect(new Set(named.map(({ req }) => req?.remoteAddress))).toEqual(new Set([CLIENT]))
      expect(JSON.stringify(lines)).not.toContain(EDGE)
    },
  )
})

test('the request of a bad URL has no decorators in Fastify, but identityOf still answers', async () => {
  const seen: string[] = []
  const app = fastify({
    frameworkErrors: (_error, request, reply) => {
      const identity = identityOf(request)
      seen.push(identity.status === 'resolved' ? identity.ip : identity.reason)
      reply.raw.writeHead(400).end()
    },
  })
  await app.register(truehop, XFF)
  await ask({ port: await listen(app), from: EDGE }, { path: '/%zz', ...FROM_EDGE })
  expect(seen).toEqual([CLIENT])
})
