import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { definePolicy, resolve } from '@truehop/identity'
import { acceptProxyProtocol, proxyEvidence } from '@truehop/proxy-protocol'
import { storeEvidence } from '@truehop/proxy-protocol/evidence'
import { describe, expect, test } from 'vitest'
import { UNKNOWN_LINE } from '../../bytes/proxy-header.js'
import { TLS } from '../../edges/pem.js'
import { answerOn, ask, CLIENT, connected, HEADER } from './asking.js'
import { bound, KINDS, type Kind, listening, named, receiving, sniffing } from './servers.js'
import { connectStream, type Ends, pair, receivedConnectStream } from './streams.js'

/** The rule of all of these: a connection's evidence follows the connection and nothing else. */

type Case = readonly [way: string, kind: Kind, answer: string]

describe('a connection that is passed on after its header was received', () => {
  test.each<Case>([
    ['the socket itself is what the request has', 'http', CLIENT],
    ['the session is made over it', 'http2', CLIENT],
    ['TLS makes another socket, which nobody received', 'https', 'not-received'],
    ['TLS makes another socket, which nobody received', 'http2 secure', 'not-received'],
  ])('%s: %s says %s', async (_, kind, answer) => {
    const inner = bound(kind)
    const port = await listening(sniffing((socket) => inner.emit('connection', socket)))
    expect(await ask(port, kind)).toBe(answer)
  })

  test.each([
    ['its evidence, to a TLS socket of the application’s own', true, CLIENT],
    ['nothing', false, 'not-received'],
  ])('with %s', async (_, handsOver, answer) => {
    const inner = bound('http')
    const secureContext = createSecureContext(TLS)
    const give = (socket: Socket) => {
      const secure = new TLSSocket(socket, { isServer: true, secureContext })
      if (handsOver) storeEvidence(secure, proxyEvidence(socket))
      inner.emit('connection', secure)
    }
    const port = await listening(sniffing(give))
    expect(await ask(port, 'https')).toBe(answer)
  })
})

describe('a connection that no receiver saw', () => {
  test.each(KINDS)('names nobody on %s', async (kind) => {
    expect(await ask(await listening(bound(kind)), kind, '')).toBe('not-received')
  })

  test.each(KINDS)('names nobody on %s at a Unix socket', async (kind) => {
    expect(await ask(await listening(bound(kind), 'unix'), kind, '')).toBe('not-received')
  })

  test('names nobody where its secure connection is given to an accepting server', async () => {
    const accepting = receiving(bound('https'))
    const secureContext = createSecureContext(TLS)
    const other = sniffing((socket) => {
      const secure = new TLSSocket(socket, { isServer: true, secureContext })
      secure.once('secure', () => accepting.emit('secureConnection', secure))
    })
    expect(await ask(await listening(other), 'https')).toBe('not-received')
  })

  test('names nobody whoever the peer is: the receiver is what turns strangers away', async () => {
    const elsewhere = definePolicy({ hops: [{ from: ['10.0.0.0/8'], asserts: 'proxy-protocol' }] })
    const evidence = { peer: '203.0.113.9', proxyHeaders: undefined, received: false }
    expect(resolve(elsewhere, evidence)).toMatchObject({
      status: 'undetermined',
      reason: 'not-received',
      source: 'proxy-protocol',
    })
  })

  test('is as any other under a policy that reads no PROXY headers', () => {
    const policy = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })
    const evidence = { peer: '10.0.0.5', headers: {}, received: false }
    expect(resolve(policy, evidence)).toMatchObject({ ip: '10.0.0.5', reason: 'header-missing' })
  })
})

describe('evidence whose PROXY headers nobody knows', () => {
  const hops = [
    { name: 'nlb', from: ['10.0.0.0/16'], asserts: 'proxy-protocol' },
    { name: 'edge', from: ['173.245.48.0/20'], asserts: 'cf-connecting-ip' },
  ]
  const headers = { 'cf-connecting-ip': CLIENT }

  test.each([
    ['is undetermined where the walk would read them', '10.0.0.5', 'not-received'],
    ['is read as ever where it would not', '173.245.48.9', CLIENT],
    ['says nothing of a peer that no rule trusts', '203.0.113.9', '203.0.113.9'],
  ])('%s', (_, peer, answer) => {
    expect(named(resolve(definePolicy({ hops }), { peer, headers }))).toBe(answer)
  })

  test('is another thing than a connection without one', () => {
    const evidence = { peer: '10.0.0.5', headers, proxyHeaders: [] }
    expect(resolve(definePolicy({ hops }), evidence)).toMatchObject({ reason: 'header-missing' })
  })
})

describe('a connection that a receiver let through without a header', () => {
  const WAYS: readonly [string, Parameters<typeof receiving>[1]][] = [
    ['direct', { direct: 'accept', from: ['10.0.0.0/8'] }],
    ['optional', { optional: true }],
    ['a health check', { healthCheckFrom: ['loopback'], from: ['10.0.0.0/8'] }],
  ]
  test.each(WAYS.flatMap(([way, options]) => KINDS.map((kind) => [way, kind, options] as const)))(
    '%s, on %s: is itself',
    async (_, kind, options) => {
      const server = receiving(bound(kind), options)
      expect(await ask(await listening(server), kind, '')).toBe('127.0.0.1')
    },
  )
})

describe('a Unix socket', () => {
  test.each(KINDS)('is the peer unix on %s, whose header is read', async (kind) => {
    expect(await ask(await listening(receiving(bound(kind)), 'unix'), kind)).toBe(CLIENT)
  })

  test.each(KINDS)('that sends LOCAL on %s has no address', async (kind) => {
    const path = await listening(receiving(bound(kind)), 'unix')
    const reason = await ask(path, kind, UNKNOWN_LINE)
    expect(reason).toBe('unix-peer-asserts-nothing')
  })
})

/** Streams that are no sockets: none has an address, and none is a Unix socket for that. */
describe('a stream that is not a socket, passed to an accepting server', () => {
  const STREAMS: readonly [string, () => Promise<Ends>][] = [
    ['the stream of an HTTP/2 CONNECT', connectStream],
    ['the stream of an HTTP/2 CONNECT below which a header was received', receivedConnectStream],
    ['one end of a pair', pair],
  ]
  const cases = STREAMS.flatMap(([name, make]) => KINDS.map((kind) => [name, kind, make] as const))

  test.each(cases)('%s, to %s: is refused, whatever it sends', async (_, kind, make) => {
    const server = bound(kind)
    const handle = acceptProxyProtocol(server, { from: ['unix', 'any'] })
    const [near, far] = await make()
    server.emit('connection', far)
    near.write(HEADER)
    expect(await answerOn(near, kind)).toBe('')
    expect(handle.counters).toMatchObject({ accepted: 0, refused: { 'untrusted-peer': 1 } })
  })

  test.each(cases)('%s, to %s: let in, it is nobody', async (_, kind, make) => {
    const server = receiving(bound(kind), { direct: 'accept' })
    const [near, far] = await make()
    server.emit('connection', far)
    // Node wraps it in another socket for an HTTP/2 session: that one nobody received.
    expect(await answerOn(near, kind)).toBe(kind === 'http2' ? 'not-received' : 'no-peer')
  })

  const trusting = definePolicy({ hops: [{ from: ['unix'], asserts: 'x-forwarded-for' }] })

  test.each(cases)('%s, to %s without a receiver: is no Unix socket', async (name, kind, make) => {
    const server = bound(kind, trusting)
    const [near, far] = await make()
    server.emit('connection', far)
    // What is in a tunnel comes from whoever opened the tunnel, and a request still knows its stream.
    const isKnown = name.includes('CONNECT') && kind === 'http'
    expect(await answerOn(near, kind)).toBe(isKnown ? '127.0.0.1' : 'no-peer')
  })

  test.each(['http', 'http2'] as const)('unlike a real one, to %s', async (kind) => {
    const path = await listening(bound(kind, trusting), 'unix')
    expect(await ask(path, kind, '')).toBe(CLIENT)
  })
})

describe('a TLS socket whose handshake fails', () => {
  test('has the evidence of its connection', async () => {
    const server = receiving(bound('https'))
    const failed = once(server, 'tlsClientError')
    const client = await connected(await listening(server), HEADER)
    client.write('no TLS at all, but long enough to be taken for a record\r\n')
    const [, socket] = await failed
    expect(proxyEvidence(socket)).toMatchObject({
      peer: '127.0.0.1',
      headers: [{ source: { address: CLIENT, port: 4711 } }],
      received: true,
    })
  })
})
