import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { portOf } from '../../../test/edges/app.js'
import { ask } from '../../../test/edges/client.js'
import { type TruehopOptions, truehop } from '../src/index.js'
import { CLIENT, EDGE, XFF } from './setup.js'

const FROM_EDGE = {
  headers: {
    host: 'inner.example',
    'x-forwarded-for': `203.0.113.66, ${CLIENT}`,
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'app.example:8443',
  },
}

const SEEN = {
  ip: CLIENT,
  clientIp: CLIENT,
  status: 'resolved',
  protocol: 'https',
  hostname: 'app.example',
  port: 8443,
}

const POLICY: TruehopOptions = { ...XFF, original: ['proto', 'host'] }

function seenAs({ ip, clientIp, clientIdentity, protocol, hostname, port }: FastifyRequest) {
  return { ip, clientIp, status: clientIdentity?.status, protocol, hostname, port }
}

function answerRefused(_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  reply.code(400).send(seenAs(request))
}

/** An instance that answers refused paths with what their requests say, and its log lines. */
function instance(): { app: FastifyInstance; lines: string[] } {
  const lines: string[] = []
  const app = fastify({
    logger: { stream: { write: (line: string) => lines.push(line) } },
    routerOptions: { maxParamLength: 10 },
    frameworkErrors: answerRefused,
  })
  app.get('/user/:name', async () => 'user')
  onTestFinished(() => app.close())
  return { app, lines }
}

async function listening(app: FastifyInstance): Promise<{ port: number; from: string }> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: portOf(app.server), from: EDGE }
}

describe('a request that Fastify refuses before it has a route', () => {
  test.each(['/%', `/user/${'x'.repeat(11)}`])('GET %s has the one identity', async (path) => {
    const { app, lines } = instance()
    await app.register(truehop, POLICY)
    const { body } = await ask(await listening(app), { path, ...FROM_EDGE })
    expect(JSON.parse(body)).toEqual(SEEN)
    const incoming = lines.find((line) => line.includes('incoming request')) ?? '{}'
    expect(JSON.parse(incoming).req.remoteAddress).toBe(CLIENT)
  })

  test('has it where it is injected', async () => {
    const { app } = instance()
    await app.register(truehop, POLICY)
    const response = await app.inject({ url: '/%', remoteAddress: EDGE, ...FROM_EDGE })
    expect(response.json()).toEqual(SEEN)
  })

  test('says unknown where nobody can be named', async () => {
    const { app } = instance()
    await app.register(truehop, POLICY)
    const headers = { 'x-forwarded-for': 'nobody' }
    const { body } = await ask(await listening(app), { path: '/%', headers })
    expect(JSON.parse(body)).toMatchObject({ ip: 'unknown', clientIp: 'unknown' })
  })

  test('says what Fastify says on an instance without truehop', async () => {
    const { app: covered } = instance()
    await covered.register(truehop, POLICY)
    const { app } = instance()
    const { body } = await ask(await listening(app), { path: '/%', ...FROM_EDGE })
    expect(JSON.parse(body)).toEqual({
      ip: EDGE,
      protocol: 'http',
      hostname: 'inner.example',
      port: null,
    })
  })

  test('keeps what Fastify says in shadow mode, and names the client beside it', async () => {
    const { app } = instance()
    await app.register(truehop, { ...POLICY, compareWith: 'trust proxy' })
    const { body } = await ask(await listening(app), { path: '/%', ...FROM_EDGE })
    expect(JSON.parse(body)).toMatchObject({ ip: EDGE, clientIp: CLIENT, protocol: 'http' })
  })
})
