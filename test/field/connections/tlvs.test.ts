import { once } from 'node:events'
import { type AddressInfo, connect, type Server } from 'node:net'
import { truehop as expressTruehop } from '@truehop/express'
import { truehop } from '@truehop/fastify'
import { definePolicy } from '@truehop/identity'
import type { AccessLogOptions } from '@truehop/log'
import { accessLog as expressLog } from '@truehop/log/express'
import { accessLog } from '@truehop/log/fastify'
import express from 'express'
import Fastify from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { proxyHeader } from '../../bytes/proxy-header.js'

/**
 * The rule: what a trusted hop says of its connection in TLVs is in the access record of every request
 * on it, under names of its own; the unique id stands for a request id where there is no other, and it
 * is left out where addresses are hidden, as HAProxy's hold them.
 */

const tlv = (type: string, text: string) =>
  `${type}${text.length.toString(16).padStart(4, '0')}${Buffer.from(text, 'latin1').toString('hex')}`

const UNIQUE_ID = 'C6336407:C8F2_0A000005:01BB'
/** 198.51.100.7:51442 to 10.0.0.5:443. */
const HEADER = proxyHeader(
  '21 11',
  `c6336407 0a000005 c8f2 01bb ${tlv('05', UNIQUE_ID)} ${tlv('01', 'h2')} ${tlv('02', 'Shop.Example')} ${tlv('ea', '\x01vpce-08d2bf15fac5001c9')}`,
)
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

const policyFrom = (from: string) =>
  definePolicy({
    hops: [{ name: 'lb', from: [from], asserts: 'proxy-protocol' }],
    proxyProtocol: { direct: 'accept' },
  })

type Serve = (records: object[], from: string, options: AccessLogOptions) => Promise<number>

const portOf = (server: Server) => (server.address() as AddressInfo).port

const onFastify: Serve = async (records, from, options) => {
  const app = Fastify({
    logger: { level: 'info', stream: { write: (line: string) => records.push(JSON.parse(line)) } },
  })
  onTestFinished(() => app.close())
  await app.register(truehop, { policy: policyFrom(from) })
  await app.register(accessLog, options)
  app.get('/', () => 'hello')
  await app.listen({ host: '127.0.0.1', port: 0 })
  return portOf(app.server)
}

const onExpress: Serve = async (records, from, options) => {
  const app = express()
  const identity = expressTruehop({ policy: policyFrom(from) })
  const write = (fields: unknown) => void records.push({ ...(fields as object), msg: 'access' })
  const logger = { trace: write, debug: write, info: write, warn: write, error: write }
  app.use(identity)
  app.use(expressLog({ logger, ...options }))
  app.get('/', (_, response) => void response.send('hello'))
  const server: Server = identity.attach(app.listen(0, '127.0.0.1'))
  onTestFinished(() => {
    server.close()
  })
  if (!server.listening) await once(server, 'listening')
  return portOf(server)
}

/** Access records of two requests on one connection that begins with `opening`. */
async function recordsOf(serve: Serve, opening: Uint8Array | string, from: string, options = {}) {
  const lines: object[] = []
  const port = await serve(lines, from, options)
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  if (opening.length > 0) socket.write(opening)
  for (let answers = 0; answers < 2; answers++) {
    socket.write(GET)
    await once(socket, 'data')
  }
  const access = () => lines.filter((line) => Reflect.get(line, 'msg') === 'access')
  await expect.poll(() => access().length).toBe(2)
  return access()
}

describe.each([
  ['Fastify', onFastify],
  ['Express', onExpress],
])('%s', (framework, serve) => {
  test('records what the TLVs say', async () => {
    for (const record of await recordsOf(serve, HEADER, '127.0.0.1')) {
      expect(record).toMatchObject({
        'client.address': '198.51.100.7',
        'truehop.proxy_protocol.unique_id': UNIQUE_ID,
        'truehop.proxy_protocol.alpn': 'h2',
        'truehop.proxy_protocol.authority': 'shop.example',
        'truehop.proxy_protocol.aws_vpc_endpoint_id': 'vpce-08d2bf15fac5001c9',
        'truehop.request.id': framework === 'Express' ? UNIQUE_ID : expect.stringMatching(/^req-/),
      })
    }
  })

  test('records it nested for ECS', async () => {
    for (const record of await recordsOf(serve, HEADER, '127.0.0.1', { fields: 'ecs' })) {
      expect(record).toMatchObject({
        truehop: {
          proxy_protocol: {
            unique_id: UNIQUE_ID,
            alpn: 'h2',
            authority: 'shop.example',
            aws_vpc_endpoint_id: 'vpce-08d2bf15fac5001c9',
          },
        },
      })
    }
  })

  test('leaves the unique id out where addresses are hidden', async () => {
    for (const record of await recordsOf(serve, HEADER, '127.0.0.1', { address: 'truncated' })) {
      expect(record).toMatchObject({ 'truehop.proxy_protocol.alpn': 'h2' })
      expect(JSON.stringify(record)).not.toContain('C6336407')
    }
  })

  test('records nothing of a connection without a header', async () => {
    for (const record of await recordsOf(serve, '', '127.0.0.2')) {
      expect(record).toMatchObject({ 'client.address': '127.0.0.1' })
      expect(JSON.stringify(record)).not.toContain('truehop.proxy_protocol')
    }
  })
})
