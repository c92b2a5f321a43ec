import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { UNKNOWN_LINE } from '../../../../test/bytes/proxy-header.js'
import {
  type AcceptOptions,
  acceptProxyProtocol,
  type ConnectionEvidence,
  encode,
  type ProxyProtocolHandle,
  proxyEvidence,
} from '../../src/index.js'
import { ended, rawClient, until, v1 } from './raw.js'
import { listening } from './service.js'

interface Received {
  readonly evidence: ConnectionEvidence
  readonly payload: string
}

interface Fixture {
  readonly port: number
  readonly handle: ProxyProtocolHandle
  /** Connects, sends, half-closes; what the server then got, or undefined when it refused. */
  send(bytes: string | Buffer, localAddress?: string): Promise<Received | undefined>
}

/** A server that answers every connection with what it got of it. */
async function accepting(options: Partial<AcceptOptions> = {}): Promise<Fixture> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let payload = ''
    socket.on('data', (chunk) => {
      payload += chunk
    })
    socket.on('end', () => {
      socket.end(JSON.stringify({ evidence: proxyEvidence(socket), payload }))
    })
  })
  const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'], ...options })
  const port = await listening(server)
  return {
    port,
    handle,
    async send(bytes, localAddress) {
      const client = await rawClient(port, localAddress === undefined ? {} : { localAddress })
      client.end(bytes)
      const text = await ended(client)
      return text === '' ? undefined : JSON.parse(text)
    },
  }
}

const LOCAL = encode({ version: 2, command: 'LOCAL', family: 'UNSPEC', transport: 'UNSPEC' })

describe('one header', () => {
  test.each<[string, string | Buffer, object]>([
    ['TCP4', v1('192.0.2.1'), { family: 'INET', source: { address: '192.0.2.1', port: 1 } }],
    ['UNKNOWN', UNKNOWN_LINE, { family: 'UNSPEC', command: 'PROXY' }],
    ['LOCAL', LOCAL, { command: 'LOCAL', family: 'UNSPEC' }],
  ])('%s: the server gets the payload, and the header as evidence', async (_, header, expected) => {
    const { send, handle } = await accepting()
    const received = await send(Buffer.concat([Buffer.from(header), Buffer.from('payload')]))
    expect(received).toMatchObject({
      payload: 'payload',
      evidence: { peer: '127.0.0.1', headers: [expected] },
    })
    expect(handle.counters).toMatchObject({ accepted: 1, direct: 0, refusedTotal: 0 })
  })

  test('health checks with LOCAL are counted', async () => {
    const { send, handle } = await accepting()
    await send(LOCAL)
    await send(LOCAL)
    await send(v1('192.0.2.1'))
    expect(handle.counters).toMatchObject({ accepted: 3, local: 2 })
  })

  test('a second one is payload, and counted as a hint', async () => {
    const { send, handle } = await accepting()
    const received = await send(`${v1('127.0.0.1')}${v1('192.0.2.2')}rest`)
    expect(received?.payload).toBe(`${v1('192.0.2.2')}rest`)
    expect(received?.evidence.headers).toMatchObject([{ source: { address: '127.0.0.1' } }])
    expect(handle.counters).toMatchObject({ accepted: 1, headerInPayload: 1 })
  })
})

describe('several headers', () => {
  const from = ['127.0.0.1', '10.0.0.0/8']

  test('are read while the source of the one before may send one', async () => {
    const { send } = await accepting({ from, maxHeaders: 3 })
    const received = await send(
      `${v1('10.0.0.1')}${v1('10.0.0.2')}${v1('10.0.0.3')}${v1('10.0.0.4')}`,
    )
    expect(sources(received)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3'])
    expect(received?.payload).toBe(v1('10.0.0.4'))
  })

  test.each<[string, string | Buffer]>([
    ['from a client that claims another', v1('192.0.2.1')],
    ['after LOCAL', LOCAL],
    ['after UNKNOWN', UNKNOWN_LINE],
  ])('%s: payload', async (_, first) => {
    const { send } = await accepting({ from, maxHeaders: 3 })
    const second = `${v1('10.0.0.2')}rest`
    const received = await send(Buffer.concat([Buffer.from(first), Buffer.from(second)]))
    expect(received?.evidence.headers).toHaveLength(1)
    expect(received?.payload).toBe(second)
  })

  test('versions may differ, and IPv4-mapped sources count as IPv4', async () => {
    const { send } = await accepting({ from, maxHeaders: 2 })
    const mapped = 'PROXY TCP6 ::ffff:10.0.0.1 ::1 1 2\r\n'
    const received = await send(Buffer.concat([Buffer.from(mapped), LOCAL, Buffer.from('rest')]))
    expect(received?.evidence.headers).toMatchObject([{ version: 1 }, { version: 2 }])
    expect(received?.payload).toBe('rest')
  })

  test('a trusted source that sends no further one sends payload', async () => {
    const { send } = await accepting({ from, maxHeaders: 2 })
    const received = await send(`${v1('10.0.0.1')}PROXIMITY`)
    expect(sources(received)).toEqual(['10.0.0.1'])
    expect(received?.payload).toBe('PROXIMITY')
  })

  test('a malformed further one refuses the connection', async () => {
    const { send, handle } = await accepting({ from, maxHeaders: 2 })
    expect(await send(`${v1('10.0.0.1')}PROXY TCP4 x\r\n`)).toBeUndefined()
    expect(handle.counters.accepted).toBe(0)
    expect(handle.counters.refusedTotal).toBe(1)
  })
})

describe("crc32c: 'ignore'", () => {
  const bytes = encode(
    {
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: '192.0.2.1', port: 1 },
      destination: { address: '192.0.2.2', port: 2 },
    },
    { crc32c: true },
  )
  // The last byte is one of the checksum's.
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)

  test('takes a header whose checksum is that of another one', async () => {
    const { send } = await accepting({ crc32c: 'ignore' })
    expect(sources(await send(bytes))).toEqual(['192.0.2.1'])
  })

  test('is not the default', async () => {
    const { send, handle } = await accepting()
    expect(await send(bytes)).toBeUndefined()
    expect(handle.counters.refused).toEqual({ checksum: 1 })
  })
})

describe('a matcher that changes', () => {
  test('is asked for each connection', async () => {
    let trusted = true
    const { send } = await accepting({ from: { has: () => trusted }, direct: 'accept' })
    expect((await send(`${v1('192.0.2.1')}rest`))?.payload).toBe('rest')
    trusted = false
    expect((await send(`${v1('192.0.2.1')}rest`))?.payload).toBe(`${v1('192.0.2.1')}rest`)
  })
})

describe('peers outside of from, with direct: accept', () => {
  test('are passed on untouched, header or not', async () => {
    const { send, handle } = await accepting({ direct: 'accept' })
    for (const bytes of [`${v1('192.0.2.1')}rest`, 'no header', '']) {
      expect(await send(bytes, '127.0.0.2')).toMatchObject({
        payload: bytes,
        evidence: { peer: '127.0.0.2', headers: [] },
      })
    }
    expect(handle.counters).toMatchObject({ accepted: 0, direct: 3, refusedTotal: 0 })
  })

  test('peers in from must still send one', async () => {
    const { send, handle } = await accepting({ direct: 'accept' })
    expect(await send('no header')).toBeUndefined()
    expect(handle.counters.refused).toEqual({ missing: 1 })
  })
})

describe('optional', () => {
  test.each(['no header', 'PROX', 'P', 'PROXIMITY', '\r\n\r\nX'])(
    '%j: everything is payload',
    async (bytes) => {
      const { port, handle } = await accepting({ optional: true })
      const client = await rawClient(port)
      for (const byte of Buffer.from(`${bytes}.`)) {
        client.write(Buffer.of(byte))
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      client.end()
      expect(JSON.parse(await ended(client))).toMatchObject({
        payload: `${bytes}.`,
        evidence: { peer: '127.0.0.1', headers: [] },
      })
      expect(handle.counters).toMatchObject({ accepted: 0, direct: 1, refusedTotal: 0 })
    },
  )

  test('a header is read where there is one', async () => {
    const { send } = await accepting({ optional: true })
    expect(sources(await send(`${v1('192.0.2.1')}rest`))).toEqual(['192.0.2.1'])
  })

  test('a malformed one is refused', async () => {
    const { send, handle } = await accepting({ optional: true })
    expect(await send('PROXY TCP4 x\r\n')).toBeUndefined()
    expect(handle.counters.refusedTotal).toBe(1)
  })

  test('a silent peer is refused at the deadline', async () => {
    const { port, handle } = await accepting({
      optional: true,
      timeout: 50,
      unsafeShortTimeout: true,
    })
    await ended(await rawClient(port))
    expect(handle.counters.refused).toEqual({ timeout: 1 })
  })
})

describe('health checkers', () => {
  test('may connect without a header', async () => {
    const { send, handle } = await accepting({ healthCheckFrom: ['127.0.0.3'] })
    expect(await send('GET / HTTP/1.0\r\n\r\n', '127.0.0.3')).toMatchObject({
      payload: 'GET / HTTP/1.0\r\n\r\n',
      evidence: { peer: '127.0.0.3', headers: [] },
    })
    expect(await send('x', '127.0.0.4')).toBeUndefined()
    expect(handle.counters).toMatchObject({ direct: 1, refused: { 'untrusted-peer': 1 } })
  })

  test('that are in from too may send one', async () => {
    const { send } = await accepting({ from: ['127.0.0.3'], healthCheckFrom: ['127.0.0.3'] })
    expect((await send('plain', '127.0.0.3'))?.payload).toBe('plain')
    const received = await send(Buffer.concat([LOCAL, Buffer.from('x')]), '127.0.0.3')
    expect(received).toMatchObject({ payload: 'x', evidence: { headers: [{ command: 'LOCAL' }] } })
  })

  test('outside of from are passed on without reading a header', async () => {
    const { send } = await accepting({ healthCheckFrom: ['127.0.0.3'] })
    const received = await send(v1('192.0.2.1'), '127.0.0.3')
    expect(received).toMatchObject({ payload: v1('192.0.2.1'), evidence: { headers: [] } })
  })
})

describe('server-first protocols', () => {
  test('not a byte is sent before the header', async () => {
    const server = createServer((socket: Socket) => {
      socket.write('220 ready\r\n')
    })
    const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const client = await rawClient(await listening(server))
    let seen = ''
    client.on('data', (chunk) => {
      seen += chunk
    })
    await until(() => handle.counters.pending === 1)
    const header = v1('192.0.2.1')
    client.write(header.slice(0, -1))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(seen).toBe('')
    client.write(header.slice(-1))
    await once(client, 'data')
    expect(seen).toBe('220 ready\r\n')
  })
})

function sources(received: Received | undefined): unknown[] | undefined {
  return received?.evidence.headers.map(
    ({ source }) => source && 'address' in source && source.address,
  )
}
