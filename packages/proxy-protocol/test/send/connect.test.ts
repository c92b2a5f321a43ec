import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  acceptProxyProtocol,
  EncodeError,
  encode,
  forwardTlvs,
  type HeaderInput,
  headerFor,
  LOCAL_HEADER,
  proxyConnect,
  proxyEvidence,
  TlvType,
} from '../../src/index.js'
import { textOf } from '../receive/client.js'
import { rawClient, until } from '../receive/raw.js'
import { type Answer, echoServer, type Kind, listening, PEM, portOf } from '../receive/service.js'

const HEADER: HeaderInput = {
  version: 2,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: '192.0.2.7', port: 4711 },
  destination: { address: '198.51.100.1', port: 443 },
}
const TLS = { ca: PEM, servername: 'localhost' }

async function receiver(kind: Kind): Promise<number> {
  const server = echoServer(kind)
  acceptProxyProtocol(server, { from: ['loopback'] })
  return listening(server)
}

/** Sends `body` to a service of this project that expects a header, and returns its answer. */
async function askThrough(
  kind: 'net' | 'tls',
  header: HeaderInput,
  crc32c = false,
): Promise<Answer> {
  const port = await receiver(kind)
  const to = { host: '127.0.0.1', port, header, crc32c }
  const socket = proxyConnect(kind === 'tls' ? { ...to, tls: TLS } : { ...to, allowHalfOpen: true })
  socket.end('body')
  return JSON.parse(await textOf(socket))
}

describe('proxyConnect', () => {
  test.each<[string, HeaderInput, object]>([
    ['version 2', HEADER, { version: 2, source: { address: '192.0.2.7', port: 4711 } }],
    [
      'version 1',
      { ...HEADER, version: 1 },
      { version: 1, source: { address: '192.0.2.7', port: 4711 } },
    ],
    ['LOCAL', LOCAL_HEADER, { command: 'LOCAL', family: 'UNSPEC' }],
    [
      'IPv4 to IPv6',
      { ...HEADER, destination: { address: '2001:db8::1', port: 443 } },
      { family: 'INET6', source: { address: '::ffff:192.0.2.7', port: 4711 } },
    ],
  ])('%s: the header comes first, over TCP and before TLS', async (_, header, expected) => {
    for (const kind of ['net', 'tls'] as const) {
      expect(await askThrough(kind, header)).toMatchObject({
        body: 'body',
        evidence: { peer: '127.0.0.1', headers: [expected] },
      })
    }
  })

  test('with a checksum that the receiver verifies, and TLVs', async () => {
    const tlvs = [{ type: TlvType.AUTHORITY, value: Buffer.from('app.example') }]
    const answer = await askThrough('tls', { ...HEADER, tlvs }, true)
    expect(answer.evidence.headers[0]?.tlvs.map(({ type }) => type)).toEqual([
      TlvType.AUTHORITY,
      TlvType.CRC32C,
    ])
  })

  test('the very first bytes are the header, whatever was written at once', async () => {
    const chunks: Buffer[] = []
    const server = createServer((socket) => socket.on('data', (chunk) => chunks.push(chunk)))
    const port = await listening(server)
    const socket = proxyConnect({ host: '127.0.0.1', port, header: HEADER })
    socket.write('payload')
    const expected = Buffer.concat([encode(HEADER), Buffer.from('payload')])
    await until(() => Buffer.concat(chunks).length >= expected.length)
    expect(Buffer.concat(chunks)).toEqual(expected)
    socket.destroy()
  })

  test.each<[string, typeof TLS | undefined]>([
    ['TCP', undefined],
    ['TLS', TLS],
  ])('a refused connection is an error event on the socket, %s', async (_, tls) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const to = { host: '127.0.0.1', port: portOf(server), header: HEADER }
    await new Promise((resolve) => server.close(resolve))
    const socket = proxyConnect(tls === undefined ? to : { ...to, tls })
    const errors: unknown[] = []
    socket.on('error', (error) => errors.push(error))
    await new Promise((resolve) => socket.on('close', resolve))
    expect(errors[0]).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('a header that has no form throws, and connects nowhere', () => {
    const header: HeaderInput = { ...HEADER, source: { address: 'example.com', port: 1 } }
    expect(() => proxyConnect({ port: 1, header })).toThrow(EncodeError)
  })

  test('a server that is not trusted is an error before anything is sent to it', async () => {
    const port = await receiver('tls')
    const tls = { servername: 'localhost' }
    const socket = proxyConnect({ host: '127.0.0.1', port, header: HEADER, tls })
    const [error] = await new Promise<[Error]>((resolve) => {
      socket.once('error', (reason) => resolve([reason]))
    })
    expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  })
})

describe('headerFor', () => {
  test('describes an accepted connection: its peer and our end', async () => {
    const server = createServer()
    const accepted = once(server, 'connection')
    const port = await listening(server)
    const client = await rawClient(port, { localAddress: '127.0.0.5' })
    const [socket] = (await accepted) as [Socket]
    expect(headerFor(socket)).toEqual({
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: '127.0.0.5', port: client.localPort },
      destination: { address: '127.0.0.1', port },
      tlvs: [],
    })
    expect(encode(headerFor(socket, { version: 1 }) as HeaderInput).toString()).toBe(
      `PROXY TCP4 127.0.0.5 127.0.0.1 ${client.localPort} ${port}\r\n`,
    )
  })

  test('is undefined for a connection that is gone', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).resume())
    const accepted = once(server, 'connection')
    const client = await rawClient(await listening(server))
    const [socket] = (await accepted) as [Socket]
    client.resetAndDestroy()
    await until(() => socket.closed)
    expect(headerFor(socket)).toBeUndefined()
    expect(headerFor(connect({ port: 1, lookup: () => {} }))).toBeUndefined()
  })
})

describe('forwardTlvs', () => {
  const tlvs = [
    { type: TlvType.ALPN, value: Buffer.from('h2') },
    { type: TlvType.CRC32C, value: Buffer.alloc(4) },
    { type: 0xe5, value: Buffer.from('x') },
    { type: TlvType.AUTHORITY, value: Buffer.from('a') },
    { type: 0xe5, value: Buffer.from('y') },
  ]

  test('passes on what is allowed, in order, and nothing else', () => {
    expect(forwardTlvs({ tlvs }, [0xe5, TlvType.ALPN])).toEqual([tlvs[0], tlvs[2], tlvs[4]])
    expect(forwardTlvs({ tlvs }, [])).toEqual([])
    expect(forwardTlvs({}, [0xe5])).toEqual([])
  })

  test.each([TlvType.CRC32C, TlvType.NOOP, -1, 256, 1.5])('type %d is refused', (type) => {
    expect(() => forwardTlvs({ tlvs }, [type])).toThrow(RangeError)
  })

  test('from an accepted connection to the next party, with a new checksum', async () => {
    const inner = echoServer('net')
    acceptProxyProtocol(inner, { from: ['loopback'] })
    const innerPort = await listening(inner)
    const middle = createServer({ allowHalfOpen: true }, (socket) => {
      const [header] = proxyEvidence(socket).headers
      if (header === undefined) throw new Error('no header')
      const next = proxyConnect({
        host: '127.0.0.1',
        port: innerPort,
        allowHalfOpen: true,
        header: { ...header, tlvs: forwardTlvs(header, [TlvType.AUTHORITY]) },
        crc32c: true,
      })
      socket.pipe(next).pipe(socket)
    })
    acceptProxyProtocol(middle, { from: ['loopback'] })
    const socket = proxyConnect({
      host: '127.0.0.1',
      port: await listening(middle),
      allowHalfOpen: true,
      header: { ...HEADER, tlvs: tlvs.filter(({ type }) => type !== TlvType.CRC32C) },
      crc32c: true,
    })
    socket.end('body')
    const answer: Answer = JSON.parse(await textOf(socket))
    expect(answer).toMatchObject({
      body: 'body',
      evidence: { headers: [{ source: { address: '192.0.2.7', port: 4711 } }] },
    })
    expect(answer.evidence.headers[0]?.tlvs.map(({ type }) => type)).toEqual([
      TlvType.AUTHORITY,
      TlvType.CRC32C,
    ])
  })
})
