import { once } from 'node:events'
import { createServer, IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Duplex, PassThrough } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bindRequest, identityOf } from '../src/adapter.js'
import { definePolicy, explain, type RawRequest, resolve } from '../src/index.js'

const XFF = { trust: ['event'], header: 'x-forwarded-for' }
const headers = { 'x-forwarded-for': '6.6.6.6, 198.51.100.7' }

describe('the peer event', () => {
  test('is trusted by the name, and by no other entry', () => {
    expect(resolve(definePolicy(XFF), { peer: 'event', headers })).toMatchObject({
      ip: '198.51.100.7',
      peer: 'event',
      reason: 'first-untrusted',
    })
    const others = ['any', 'unix', 'loopback', 'private', '0.0.0.0/0', '::/0']
    const policy = definePolicy({ trust: others, header: 'x-forwarded-for' })
    expect(resolve(policy, { peer: 'event', headers })).toMatchObject({
      status: 'undetermined',
      reason: 'untrusted-event',
    })
  })

  test('is nobody where the trusted event says nothing', () => {
    expect(resolve(definePolicy(XFF), { peer: 'event', headers: {} })).toMatchObject({
      status: 'undetermined',
      reason: 'event-asserts-nothing',
    })
  })

  test('is shown by an explanation', () => {
    const { steps } = explain(definePolicy(XFF), { peer: 'event', headers })
    expect(steps[0]).toMatchObject({ node: 'event', next: '198.51.100.7' })
  })

  test('cannot assert PROXY headers: such a rule is refused at start-up', () => {
    const hops = [{ name: 'alb', from: ['event'], asserts: 'proxy-protocol' }]
    expect(() => definePolicy({ hops })).toThrow(
      /must not contain 'event' .*asserts: 'proxy-protocol'/,
    )
  })
})

/** The request that a server parses from what a client writes on `socket`. */
async function received(socket: (accepted: Socket) => Duplex): Promise<RawRequest> {
  const inner = createServer()
  const outer = createServer()
  outer.removeAllListeners('connection')
  outer.on('connection', (accepted) => inner.emit('connection', socket(accepted)))
  outer.listen(0, '127.0.0.1')
  onTestFinished(() => void outer.close())
  await once(outer, 'listening')
  const { port } = outer.address() as { port: number }
  const client = connect(port, '127.0.0.1')
  client.on('error', () => {})
  onTestFinished(() => void client.destroy())
  client.write('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n')
  const [request] = await once(inner, 'request')
  return request
}

describe('a request that a server received', () => {
  const identityUnderEvents = (request: RawRequest) => {
    bindRequest(request, definePolicy(XFF))
    return identityOf(request)
  }

  test('is not an event over a socket', async () => {
    const request = await received((accepted) => accepted)
    expect(identityUnderEvents(request)).toMatchObject({ peer: '127.0.0.1' })
  })

  test('is not an event once its socket is gone', async () => {
    const request = await received((accepted) => accepted)
    request.socket.destroy()
    expect(identityUnderEvents(request)).not.toMatchObject({ peer: 'event' })
  })

  test('is not an event over a stream that was passed to the server', async () => {
    const request = await received((accepted) =>
      Duplex.from({ readable: accepted, writable: accepted }),
    )
    expect(identityUnderEvents(request)).toMatchObject({ status: 'undetermined', peer: undefined })
  })

  test.each([
    ['a plain object', { remoteAddress: '127.0.0.1' }],
    ['a PassThrough, as serverless-http has it', new PassThrough()],
  ])('is one where %s stands in for the socket', (_name, socket) => {
    const request = new IncomingMessage(socket as Socket)
    Object.assign(request.headers, headers)
    expect(identityUnderEvents(request)).toMatchObject({ ip: '198.51.100.7', peer: 'event' })
  })
})
