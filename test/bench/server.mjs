// A server under measurement, in a process of its own: node server.mjs <kind>, over an IPC channel.
// Sends its port; answers 'cpu' with microseconds of CPU time, 'memory' with bytes.

import { createServer } from 'node:http'
import { BlockList } from 'node:net'
import fastifyRateLimit from '@fastify/rate-limit'
import { allowlist as expressAllowlist } from '@truehop/allowlist/express'
import { allowlist as fastifyAllowlist } from '@truehop/allowlist/fastify'
import { truehop as expressTruehop } from '@truehop/express'
import { truehop as fastifyTruehop } from '@truehop/fastify'
import { accessLog as expressLog } from '@truehop/log/express'
import { accessLogController, accessLog as fastifyLog } from '@truehop/log/fastify'
import { acceptProxyProtocol } from '@truehop/proxy-protocol'
import { rateLimit as expressLimit } from '@truehop/rate-limit/express'
import { rateLimit as fastifyLimit } from '@truehop/rate-limit/fastify'
import express from 'express'
import { IpFilter } from 'express-ipfilter'
import expressRateLimit from 'express-rate-limit'
import Fastify from 'fastify'
import { Redis } from 'ioredis'
import morgan from 'morgan'
import pino from 'pino'
import { floorReceiver, floorServer, handwrittenIdentity, plainFloorServer } from './floor.mjs'
import { prefixes } from './inputs.mjs'
import { cpuOf, startRedis } from './redis-server.mjs'

const TRUST = ['loopback', '10.0.0.0/8', '172.16.0.0/12']
const POLICY = { trust: TRUST, header: 'x-forwarded-for' }
const UNLIMITED = 1_000_000_000
const PREFIXES = 10_000
/** Milliseconds: every decision is to be one of Redis, on a busy machine too. */
const PATIENCE = 1000

/**
 * Every logger writes from this thread to a file that takes everything; pino and morgan each line by
 * itself, truehop those of one turn together. Pino's transports hand each line to
 * another thread, whose waking costs all of them the same, and as much as everything else.
 */
const nowhere = () => pino.destination({ dest: '/dev/null', sync: true })

const kinds = {
  'http-bare': () => plainServer(),
  // The same again: how far two equal servers differ in a run.
  'http-again': () => plainServer(),

  'http-proxy-protocol'() {
    const server = plainServer()
    acceptProxyProtocol(server, {
      from: ['loopback'],
      maxPending: 20_000,
      maxPendingPerPeer: 20_000,
    })
    return server
  },

  'http-floor-protocol'() {
    const server = plainServer()
    floorReceiver(server)
    return server
  },

  'fastify-bare': () => fastifyServer(Fastify(), () => 'ok'),

  async 'fastify-identity'() {
    const app = Fastify()
    await app.register(fastifyTruehop, POLICY)
    return fastifyServer(app, (request) => (request.clientIp === '' ? '' : 'ok'))
  },

  'fastify-floor-identity': () => fastifyServer(Fastify(), handwrittenIdentity),

  'fastify-truehop': () => fastifyTruehopServer(PREFIXES),
  'fastify-peers': () => fastifyPeersServer(PREFIXES),

  // What can be had at least, written for this service alone.
  'fastify-floor': () => fastifyServer(floorServer(prefixes(PREFIXES), nowhere()), () => 'ok'),
  'fastify-floor-plain': () =>
    fastifyServer(plainFloorServer(prefixes(PREFIXES), nowhere()), () => 'ok'),

  // Without the lists: before Node 24, the peer's walks every entry for each request.
  'fastify-truehop-unlisted': () => fastifyTruehopServer(0),
  'fastify-peers-unlisted': () => fastifyPeersServer(0),

  // The limit alone, counted in a Redis of the server's own, whose CPU time counts with it.
  async 'fastify-truehop-redis'() {
    const app = Fastify()
    await app.register(fastifyTruehop, POLICY)
    const store = await redisClient()
    await app.register(fastifyLimit, { limit: UNLIMITED, window: 60, store, deadline: PATIENCE })
    return fastifyServer(app, () => 'ok')
  },
  async 'fastify-peers-redis'() {
    const app = Fastify({ trustProxy: TRUST })
    const redis = await redisClient()
    await app.register(fastifyRateLimit, { max: UNLIMITED, timeWindow: '1 minute', redis })
    return fastifyServer(app, () => 'ok')
  },

  // The record alone: without a policy, and what Fastify writes itself.
  async 'fastify-log-unbound'() {
    const app = Fastify({ logger: { stream: nowhere() }, logController: accessLogController() })
    await app.register(fastifyLog)
    return fastifyServer(app, () => 'ok')
  },
  'fastify-log-own': () => fastifyServer(Fastify({ logger: { stream: nowhere() } }), () => 'ok'),

  'express-bare': () => expressServer(express()),

  'express-truehop': () => expressTruehopServer(PREFIXES),
  'express-peers': () => expressPeersServer(PREFIXES),
  'express-truehop-unlisted': () => expressTruehopServer(0),
  'express-peers-unlisted': () => expressPeersServer(0),
}

/** @type {import('node:child_process').ChildProcess | undefined} */
let redisServer

async function redisClient() {
  const redis = await startRedis()
  if (redis === undefined) throw new Error('this machine has no redis-server')
  redisServer = redis.child
  return new Redis(redis.port, '127.0.0.1')
}

function expressTruehopServer(entries) {
  const app = express()
  app.use(expressLog({ logger: pino(nowhere()) }))
  app.use(expressTruehop(POLICY))
  if (entries > 0) app.use(expressAllowlist({ deny: prefixes(entries) }))
  app.use(expressLimit({ limit: UNLIMITED, window: 60 }))
  return expressServer(app)
}

function expressPeersServer(entries) {
  const app = express()
  app.set('trust proxy', TRUST)
  app.use(morgan('combined', { stream: nowhere() }))
  if (entries > 0) {
    app.use(IpFilter(prefixes(entries), { mode: 'deny', log: false, trustProxy: TRUST }))
  }
  app.use(expressRateLimit({ windowMs: 60_000, limit: UNLIMITED, validate: false }))
  return expressServer(app)
}

async function fastifyTruehopServer(entries) {
  const app = Fastify({ logger: { stream: nowhere() }, logController: accessLogController() })
  await app.register(fastifyLog)
  await app.register(fastifyTruehop, POLICY)
  if (entries > 0) await app.register(fastifyAllowlist, { deny: prefixes(entries) })
  await app.register(fastifyLimit, { limit: UNLIMITED, window: 60 })
  return fastifyServer(app, () => 'ok')
}

async function fastifyPeersServer(entries) {
  const app = Fastify({ logger: { stream: nowhere() }, trustProxy: TRUST })
  if (entries > 0) {
    const denied = new BlockList()
    for (const prefix of prefixes(entries)) {
      const [address = '', length] = prefix.split('/')
      denied.addSubnet(address, Number(length))
    }
    app.addHook('onRequest', (request, reply, done) => {
      if (denied.check(request.ip)) reply.code(403).send()
      else done()
    })
  }
  await app.register(fastifyRateLimit, { max: UNLIMITED, timeWindow: '1 minute', cache: 100_000 })
  return fastifyServer(app, () => 'ok')
}

function plainServer() {
  const server = createServer((_request, response) => response.end('ok'))
  server.listen(0, '127.0.0.1')
  return server
}

async function fastifyServer(app, answer) {
  app.get('/', (request, reply) => reply.send(answer(request)))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}

function expressServer(app) {
  app.get('/', (_request, response) => response.send('ok'))
  return app.listen(0, '127.0.0.1')
}

const server = await kinds[process.argv[2]]()
if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
server.keepAliveTimeout = 60_000
process.on('message', (question) => {
  if (question === 'cpu') {
    const { user, system } = process.cpuUsage()
    const ofRedis = redisServer?.pid === undefined ? 0 : cpuOf(redisServer.pid)
    process.send?.(user + system + ofRedis)
  } else {
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    process.send?.(heapUsed + external)
  }
})
process.on('disconnect', () => {
  redisServer?.kill('SIGKILL')
  process.exit()
})
process.send?.({ port: server.address().port })
