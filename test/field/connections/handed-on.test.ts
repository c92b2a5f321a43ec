import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer as createNet, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { bindServer, definePolicy } from '@truehop/identity'
import { acceptProxyProtocol, proxyEvidence } from '@truehop/proxy-protocol'
import { storeEvidence } from '@truehop/proxy-protocol/evidence'
import { describe, expect, test } from 'vitest'
import { PEM, TLS } from '../../edges/pem.js'
import { answerOn, ask, CLIENT, connected, HEADER } from './asking.js'
import { bound, listening, POLICY, receiving, sniffing } from './servers.js'

/** The rule: a receiver takes another one's word for a connection only as far as it would have given it. */

const ELSEWHERE = ['10.0.0.0/8']

/** Asks for a tunnel, or another protocol, and waits until the server agrees. */
async function opened(stream: Duplex, request: string): Promise<Duplex> {
  stream.write(`${request}\r\nHost: a\r\n\r\n`)
  await new Promise<void>((resolve) => stream.once('data', () => resolve()))
  return stream
}

const OPENINGS = [
  ['connect', 'CONNECT a.example:443 HTTP/1.1'],
  ['upgrade', 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x'],
] as const

describe('a socket out of which a request has been read', () => {
  const OUTER: readonly [string, () => Server, string, boolean][] = [
    ['http', createHttp, '', false],
    ['http with a receiver', () => receiving(createHttp()), HEADER, false],
    ['https with a receiver', () => receiving(createHttps(TLS)), HEADER, true],
  ]
  const cases = OUTER.flatMap(([name, make, header, isSecure]) =>
    OPENINGS.map(([event, request]) => ({ name, event, make, header, isSecure, request })),
  )

  async function through(one: (typeof cases)[number], inner: Server): Promise<Duplex> {
    const outer = one.make()
    outer.on(one.event, (_: unknown, socket: Socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      inner.emit('connection', socket)
    })
    const raw = await connected(await listening(outer), one.header)
    const stream = one.isSecure
      ? connectTls({ socket: raw, ca: PEM, servername: 'localhost' })
      : raw
    return opened(
      stream.on('error', () => {}),
      one.request,
    )
  }

  test.each(cases)('$event of $name: is refused, whatever header its opener sends', async (one) => {
    const inner = bound('http')
    const handle = acceptProxyProtocol(inner, { from: POLICY.proxySenders })
    const stream = await through(one, inner)
    stream.write(HEADER)
    expect(await answerOn(stream, 'http')).toBe('')
    expect(handle.counters).toMatchObject({ accepted: 0, refused: { 'untrusted-peer': 1 } })
  })

  test.each(cases)('$event of $name: let in, it is nobody', async (one) => {
    const inner = receiving(bound('http'), { direct: 'accept' })
    expect(await answerOn(await through(one, inner), 'http')).toBe('no-peer')
  })
})

describe('a socket out of which a request has been read, without any receiver', () => {
  const policy = definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })
  const FORGED = 'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.9.9.9\r\n\r\n'

  test.each(OPENINGS)('%s: the hop below vouches for nothing in it', async (event, request) => {
    const server = bound('http', policy)
    server.on(event, (_: unknown, socket: Socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      server.emit('connection', socket)
    })
    const stream = await opened(await connected(await listening(server), ''), request)
    expect(await answered(stream, FORGED)).toMatch(/\r\n\r\n(?:\w+\r\n)?no-peer/)
  })

  test('emitted twice with nothing read in between, it keeps its peer', async () => {
    const first = createNet((socket) => bound('http', policy).emit('connection', socket))
    bindServer(first, policy)
    const other = await connected(await listening(first), '')
    expect(await answered(other, FORGED)).toMatch(/\r\n\r\n(?:\w+\r\n)?10\.9\.9\.9/)
  })
})

/** What the server answers to a request that is written as it stands. */
async function answered(stream: Duplex, request: string): Promise<string> {
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  stream.write(request.replace('Host: a', 'Host: a\r\nConnection: close'))
  await once(stream, 'close')
  return text
}

describe('a socket that another receiver has let through, its payload as it came', () => {
  type Options = Parameters<typeof receiving>[1]
  const CASES: readonly [string, Options, string, Options, string][] = [
    ['with a header, to one that would have read it', {}, HEADER, {}, CLIENT],
    ['with a header, to one that trusts the sender not', {}, HEADER, { from: ELSEWHERE }, ''],
    ['direct, to one that requires a header', { from: ELSEWHERE, direct: 'accept' }, '', {}, ''],
    ['direct, and its header is read', { from: ELSEWHERE, direct: 'accept' }, HEADER, {}, CLIENT],
    [
      'direct, to one that lets nobody in',
      { from: ELSEWHERE, direct: 'accept' },
      '',
      { from: ELSEWHERE },
      '',
    ],
    ['without a header, to one that requires it', { optional: true }, '', {}, ''],
    ['without a header, to one alike', { optional: true }, '', { optional: true }, '127.0.0.1'],
    [
      'a health check, to one alike',
      { healthCheckFrom: ['loopback'] },
      '',
      { healthCheckFrom: ['loopback'] },
      '127.0.0.1',
    ],
    [
      'direct, to one alike',
      { from: ELSEWHERE, direct: 'accept' },
      '',
      { from: ELSEWHERE, direct: 'accept' },
      '127.0.0.1',
    ],
  ]

  test.each(CASES)('%s', async (_, first, header, second, answer) => {
    const inner = receiving(bound('http'), second)
    const outer = receiving(
      createNet((socket) => inner.emit('connection', socket)),
      first,
    )
    expect(await ask(await listening(outer), 'http', header)).toBe(answer)
  })

  test('after a look at its first bytes, which were put back', async () => {
    const inner = receiving(bound('http'))
    const outer = sniffing((socket) => inner.emit('connection', socket))
    expect(await ask(await listening(outer), 'http')).toBe(CLIENT)
  })

  test('with more headers than it would have read', async () => {
    const inner = receiving(bound('http'))
    const outer = createNet((socket) => inner.emit('connection', socket))
    acceptProxyProtocol(outer, { from: ['any'], maxHeaders: 2 })
    expect(await ask(await listening(outer), 'http', HEADER + HEADER)).toBe('')
  })
})

describe('a socket that code vouches for', () => {
  test('passes with what the code says of it', async () => {
    const inner = receiving(bound('http'))
    const outer = receiving(
      createNet((socket) => {
        socket.once('readable', () => {
          expect(String(socket.read(8))).toBe('preamble')
          storeEvidence(socket, proxyEvidence(socket))
          inner.emit('connection', socket)
        })
      }),
    )
    const socket = await connected(await listening(outer), `${HEADER}preamble`)
    expect(await answerOn(socket, 'http')).toBe(CLIENT)
  })
})
