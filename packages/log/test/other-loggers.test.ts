import type { Server } from 'node:http'
import express, { type Express } from 'express'
import morgan from 'morgan'
import { pinoHttp } from 'pino-http'
import { afterEach, describe, expect, test } from 'vitest'
import { morganTokens, requestSerializers } from '../src/express.js'
import { ask, Lines, pinoTo, trustTests } from './service.js'

let server: Server | undefined

afterEach(async () => {
  const closing = server
  server = undefined
  if (closing !== undefined) await new Promise((done) => closing.close(done))
})

async function serve(app: Express): Promise<Server> {
  app.get('/users/:id', (_request, response) => void response.send('hello'))
  const started = app.listen(0, '127.0.0.1')
  server = started
  trustTests(started)
  await new Promise((ready) => started.once('listening', ready))
  return started
}

describe('pino-http', () => {
  async function lineWith(options: Parameters<typeof requestSerializers>[0]) {
    const lines = new Lines()
    const app = express()
    app.use(pinoHttp({ logger: pinoTo(lines), serializers: requestSerializers(options) }))
    const path = '/users/7?token=secret'
    await ask(await serve(app), {
      path,
      as: '203.0.113.9',
      headers: { cookie: 'a=b', accept: 'x/y' },
    })
    while (lines.all.length === 0) await new Promise((next) => setImmediate(next))
    return lines.all[0] ?? {}
  }

  test('shows the identity in place of the socket, and nothing that was not asked for', async () => {
    const line = await lineWith({})
    expect(line['msg']).toBe('request completed')
    expect(line['req']).toEqual({
      id: 1,
      method: 'GET',
      url: '/users/7',
      'client.address': '203.0.113.9',
      'network.peer.address': '127.0.0.1',
      'network.peer.port': expect.any(Number),
      'truehop.identity.status': 'resolved',
      'truehop.identity.source': 'x-forwarded-for',
      'truehop.identity.reason': 'first-untrusted',
      'truehop.identity.rule': 'edge',
      'truehop.identity.hops': 1,
    })
  })

  test('hides addresses in headers as well', async () => {
    const line = await lineWith({
      address: 'truncated',
      headers: ['x-forwarded-for', 'accept'],
      query: true,
    })
    expect(line['req']).toMatchObject({
      url: '/users/7?token=secret',
      'client.address': '203.0.113.0',
      headers: { 'x-forwarded-for': '203.0.113.0', accept: 'x/y' },
    })
    expect(JSON.stringify(line)).not.toContain('203.0.113.9')
  })
})

describe('morgan', () => {
  async function lineWith(format: string, headers: Record<string, string> = {}, options = {}) {
    const written: string[] = []
    morganTokens(morgan, options)
    const app = express()
    app.use(morgan(format, { stream: { write: (line) => void written.push(line) } }))
    await ask(await serve(app), { path: '/users/7', as: '203.0.113.9', headers })
    while (written.length === 0) await new Promise((next) => setImmediate(next))
    return written[0]
  }

  test('its own formats show the identity', async () => {
    expect(await lineWith('combined', { 'user-agent': 'tests/1' })).toMatch(
      /^203\.0\.113\.9 - - \[[^\]]+\] "GET \/users\/7 HTTP\/1\.1" 200 5 "-" "tests\/1"\n$/,
    )
    expect(await lineWith('tiny')).toMatch(/^GET \/users\/7 200 5 - /)
  })

  test('a quote in a header stays in its field', async () => {
    const forged = '" 500 1 "-" "x'
    expect(await lineWith('combined', { 'user-agent': forged, referer: forged })).toMatch(
      /200 5 "\\" 500 1 \\"-\\" \\"x" "\\" 500 1 \\"-\\" \\"x"\n$/,
    )
  })

  test('tokens for how the identity was decided', async () => {
    const format =
      ':client-address :client-port :network-peer-address :identity-status :identity-source :identity-reason :identity-rule'
    expect(await lineWith(format)).toBe(
      '203.0.113.9 - 127.0.0.1 resolved x-forwarded-for first-untrusted edge\n',
    )
  })

  test('hides addresses', async () => {
    expect(await lineWith(':remote-addr :network-peer-address', {}, { address: 'truncated' })).toBe(
      '203.0.113.0 127.0.0.0\n',
    )
  })
})
