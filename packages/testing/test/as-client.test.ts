import 'reflect-metadata'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Controller, Get, Module, Req } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { truehop as expressTruehop } from '@truehop/express'
import { truehop as fastifyTruehop } from '@truehop/fastify'
import {
  bindServer,
  definePolicy,
  identityOf,
  type PolicyOptions,
  resolve,
} from '@truehop/identity'
import express from 'express'
import { fastify } from 'fastify'
import inject from 'light-my-request'
import request from 'supertest'
import { describe, expect, test } from 'vitest'
import { asClient, type ClientOptions, expectIdentity } from '../src/index.js'

/** What policies ask for, and where the client is found when it comes through the first hop. */
const POLICIES: Readonly<Record<string, { policy: PolicyOptions; source: string }>> = {
  'x-forwarded-for': {
    policy: { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' },
    source: 'x-forwarded-for',
  },
  'x-forwarded-for by depth': {
    policy: { hops: [{ from: ['private'], asserts: 'x-forwarded-for', depth: 3 }] },
    source: 'x-forwarded-for',
  },
  forwarded: {
    policy: { hops: [{ from: ['fd00::/8'], asserts: 'forwarded' }] },
    source: 'forwarded',
  },
  'a single header': {
    policy: { hops: [{ from: ['173.245.48.0/20'], asserts: 'cf-connecting-ip', required: true }] },
    source: 'cf-connecting-ip',
  },
  'a Unix socket': {
    policy: { hops: [{ from: ['unix'], asserts: 'x-forwarded-for' }] },
    source: 'x-forwarded-for',
  },
  'proxy-protocol': {
    policy: { hops: [{ from: ['10.0.0.0/16'], asserts: 'proxy-protocol' }] },
    source: 'proxy-protocol',
  },
}

const CLIENTS = ['198.51.100.7', '2001:db8::7']

const cases = Object.entries(POLICIES).flatMap(([name, { policy, source }]) =>
  CLIENTS.map((address) => ({ name, policy, source, address })),
)

describe.each(cases)('$name, client $address', ({ policy, source, address }) => {
  const direct = { ip: address, source: 'socket' }
  const proxied = { ip: address, source }
  const clients = [
    { way: 'direct', client: asClient(address), expected: direct },
    { way: 'through the hop', client: asClient(address, { policy }), expected: proxied },
  ]

  test.each(clients)('inject of Fastify, $way', async ({ client, expected }) => {
    const app = fastify()
    await app.register(fastifyTruehop, policy)
    app.get('/', async ({ ip, clientIdentity }) => ({ ip, source: clientIdentity.source }))
    const response = await app.inject(client.inject('/'))
    expect([response.statusCode, response.json()]).toEqual([200, expected])
    await app.close()
  })

  test.each(clients)(
    'supertest with an Express application, $way',
    async ({ client, expected }) => {
      const app = express()
      app.use(expressTruehop(policy))
      app.get('/', (req, res) => void res.json({ ip: req.ip, source: req.clientIdentity.source }))
      const response = await request(app).get('/').use(client)
      expect([response.status, response.body]).toEqual([200, expected])
    },
  )

  test.each(clients)('supertest with an attached server, $way', async ({ client, expected }) => {
    const app = express()
    const identity = expressTruehop(policy)
    app.use(identity)
    app.get('/', (req, res) => void res.json({ ip: req.ip, source: req.clientIdentity.source }))
    const server = identity.attach(createServer(app))
    const response = await request(server).get('/').use(client)
    expect([response.status, response.body]).toEqual([200, expected])
    server.close()
  })

  test.each(clients)('light-my-request, $way', async ({ client, expected }) => {
    const defined = definePolicy(policy)
    const response = await inject(
      (raw, res) => {
        Object.assign(raw, { [Symbol.for('truehop.policy/1')]: defined })
        const identity = identityOf(raw)
        expectIdentity(raw, expected)
        res.end(identity.status === 'resolved' ? identity.ip : '')
      },
      client.inject({ method: 'GET' as const, url: '/' }),
    )
    expect(response.body).toBe(address)
  })
})

describe('modules of Nest', () => {
  class Who {
    who(req: { clientIp: string }): string {
      return req.clientIp
    }
  }
  const described = Object.getOwnPropertyDescriptor(Who.prototype, 'who') ?? {}
  Get('/who')(Who.prototype, 'who', described)
  Req()(Who.prototype, 'who', 0)
  Controller()(Who)
  class App {}
  Module({ controllers: [Who] })(App)

  const policy = { hops: [{ from: ['10.0.0.0/16'], asserts: 'proxy-protocol' }] } as const

  test('inject with the Fastify platform', async () => {
    const module = await Test.createTestingModule({ imports: [App] }).compile()
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter())
    await app.register(fastifyTruehop, policy)
    await app.init()
    const response = await app.inject(asClient('198.51.100.7').inject('/who'))
    expect([response.statusCode, response.body]).toEqual([200, '198.51.100.7'])
    await app.close()
  })

  test('supertest with the Express platform', async () => {
    const module = await Test.createTestingModule({ imports: [App] }).compile()
    const app = module.createNestApplication(new ExpressAdapter())
    app.use(expressTruehop(policy))
    await app.init()
    const response = await request(app.getHttpServer()).get('/who').use(asClient('198.51.100.7'))
    expect([response.status, response.text]).toEqual([200, '198.51.100.7'])
    await app.close()
  })
})

describe('a client', () => {
  test('of a supertest agent keeps its address over several requests, and bodies arrive', async () => {
    const app = express()
    app.use(expressTruehop({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }))
    app.use(express.json())
    app.post('/', (req, res) => void res.json([req.ip, req.body]))
    const agent = request.agent(app).use(asClient('198.51.100.7'))
    const body = { text: 'x'.repeat(50_000) }
    for (let round = 0; round < 3; round++) {
      expect((await agent.post('/').send(body)).body).toEqual(['198.51.100.7', body])
    }
  })

  test('does not change what a connection from outside is taken for', async () => {
    const policy = definePolicy({ hops: [{ from: ['10.0.0.0/16'], asserts: 'proxy-protocol' }] })
    const server = createServer((req, res) => void res.end(identityOf(req).status))
    bindServer(server, policy)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const client = asClient('198.51.100.7', { policy })
    const answered = (options: object) =>
      new Promise<string>((resolve, reject) => {
        get({ port, host: '127.0.0.1', ...options }, (res) => {
          res.setEncoding('utf8').on('data', resolve)
        }).on('error', reject)
      })
    expect(await answered({ agent: client.agent(server) })).toBe('resolved')
    const outside = await answered({ headers: { ...client.headers } })
    expect(outside).not.toBe('198.51.100.7')
    server.close()
  })

  test('keeps headers that the test writes itself', () => {
    const policy = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }
    const { headers } = asClient('198.51.100.7', { policy }).inject({
      url: '/',
      headers: { 'x-forwarded-for': '192.0.2.1', accept: 'text/plain' },
    })
    expect(headers).toEqual({ 'x-forwarded-for': '192.0.2.1', accept: 'text/plain' })
  })

  test.each(['', '1.2.3', 'localhost', '198.51.100.0/24'])(
    'cannot have %j for an address',
    (address) => {
      expect(() => asClient(address)).toThrow(expect.objectContaining({ code: 'bad-address' }))
    },
  )

  test.each([
    ['a port of 0', { port: 0 }, 'bad-option', 'port'],
    ['a port as a string', { port: '80' }, 'bad-option', 'port'],
    ['a policy that is none', { policy: 'x-forwarded-for' }, 'bad-option', 'policy'],
    ['an option that does not exist', { polcy: {} }, 'unknown-option', 'polcy'],
  ])('cannot have %s', (_what, options, code, path) => {
    expect(() => asClient('198.51.100.7', options as ClientOptions)).toThrow(
      expect.objectContaining({ name: 'TestingError', code, path }),
    )
  })

  test('needs a server of this process', () => {
    const plugIn = () => request('http://127.0.0.1:9').get('/').use(asClient('198.51.100.7'))
    expect(plugIn).toThrow(expect.objectContaining({ code: 'bad-server' }))
  })
})

describe('expectIdentity', () => {
  const identity = identityOfDirect()

  test('passes for what the identity has', () => {
    expectIdentity(identity, '198.51.100.7')
    expectIdentity(identity, { status: 'resolved', reason: 'peer-untrusted', source: 'socket' })
  })

  test('throws an AssertionError that shows both', () => {
    const compare = () => expectIdentity(identity, { ip: '192.0.2.1' })
    expect(compare).toThrow('{"ip":"198.51.100.7"}, expected {"ip":"192.0.2.1"}')
    expect(compare).toThrow(expect.objectContaining({ code: 'ERR_ASSERTION' }))
  })

  function identityOfDirect() {
    const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    return resolve(policy, { peer: '198.51.100.7' })
  }
})

test.each<[string, unknown, string]>([
  ['no members', {}, 'write { ip:'],
  ['a number', 5, 'write { ip:'],
  ['a list', ['198.51.100.7'], 'write { ip:'],
  ['nothing', undefined, 'write { ip:'],
  ['a misspelt member', { sorce: undefined }, 'write source'],
])('an expectation that could not fail is an error: %s', (_name, expected, says) => {
  const identity = resolve(definePolicy({ hops: [] }), { peer: '198.51.100.7' })
  const compare = () => Reflect.apply(expectIdentity, undefined, [identity, expected])
  expect(compare).toThrow(expect.objectContaining({ name: 'TestingError' }))
  expect(compare).toThrow(says)
})
