import { connect, constants } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { accessLog } from '../src/fastify.js'
import { Lines, trustTests } from './service.js'

test('HTTP/2: the record has version, identity and body size, each byte counted once', async () => {
  const lines = new Lines()
  const fastify = Fastify({ http2: true, logger: { stream: lines, base: null } })
  const server: Server = fastify.server
  trustTests(server)
  await fastify.register(accessLog, {})
  fastify.get('/', async () => 'hello')
  await fastify.listen({ port: 0, host: '127.0.0.1' })

  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stream = session.request({ ':path': '/?a=b', 'x-forwarded-for': '192.0.2.66, 203.0.113.9' })
  let bytes = 0
  for await (const chunk of stream) bytes += chunk.length
  const record = await lines.record()
  session.close()
  await fastify.close()

  expect(bytes).toBe(5)
  expect(record).toMatchObject({
    'network.protocol.version': '2',
    'http.request.method': 'GET',
    'url.path': '/',
    'http.response.status_code': 200,
    'http.response.body.size': 5,
    'client.address': '203.0.113.9',
    'network.peer.address': '127.0.0.1',
  })
})

test.each<[string, string, number | undefined]>([
  ['before the response began', '/none', undefined],
  ['in the middle of the response', '/part', 200],
  ['before it took all of the response', '/big', 200],
])('HTTP/2: a stream that the client resets %s', async (_name, path, status) => {
  const lines = new Lines()
  const fastify = Fastify({ http2: true, logger: { stream: lines, base: null } })
  const server: Server = fastify.server
  trustTests(server)
  await fastify.register(accessLog, {})
  let arrived = () => {}
  const inHandler = new Promise<void>((resolve) => {
    arrived = resolve
  })
  fastify.get('/*', (request, reply) => {
    reply.hijack()
    if (request.url !== '/none') reply.raw.writeHead(200)
    if (request.url === '/part') reply.raw.write('x')
    if (request.url === '/big') reply.raw.end(Buffer.alloc(5_000_000))
    arrived()
  })
  await fastify.listen({ port: 0, host: '127.0.0.1' })

  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stream = session.request({ ':path': path, 'x-forwarded-for': '203.0.113.9' })
  stream.on('error', () => {})
  await inHandler
  stream.close(constants.NGHTTP2_CANCEL)
  const record = await lines.record()
  session.close()
  await fastify.close()

  expect(record).toMatchObject({ 'error.type': 'aborted', 'client.address': '203.0.113.9' })
  expect(record['http.response.status_code']).toBe(status)
})
