import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AcceptError, DatagramFlows, type DatagramFlowsOptions, encode } from '../../src/index.js'

const RELAY = { address: '127.0.0.1', port: 51_000 }

/** As section 2.2 has it for UDP over IPv4: 0x21 0x12, twelve bytes of addresses. */
function headerOf(client: string, port = 4711): Buffer {
  const octets = (address: string) => address.split('.').map(Number)
  const ports = Buffer.from([port >> 8, port & 255, 0, 53])
  const start = Buffer.from('0d0a0d0a000d0a515549540a2112000c', 'hex')
  return Buffer.concat([start, Buffer.from([...octets(client), ...octets('192.0.2.53')]), ports])
}

const datagram = (client: string | undefined, text: string) =>
  Buffer.concat([client === undefined ? Buffer.alloc(0) : headerOf(client), Buffer.from(text)])

/** Flows on a clock of the test's own. */
function flowsAt(options: Partial<DatagramFlowsOptions> = {}) {
  const clock = { now: 0 }
  const flows = new DatagramFlows({ from: ['loopback'], ...options }, () => clock.now)
  const read = (message: Uint8Array, sender = RELAY) => {
    const result = flows.read(message, sender)
    if (result.status === 'refused') return result.reason
    return `${result.source?.address ?? 'relay'} ${Buffer.from(result.payload).toString()}`
  }
  return { clock, flows, read }
}

describe('a flow whose first datagram names the client', () => {
  test('is remembered for what follows without a header', () => {
    const { read } = flowsAt()
    expect(read(datagram('198.51.100.7', 'one'))).toBe('198.51.100.7 one')
    expect(read(datagram(undefined, 'two'))).toBe('198.51.100.7 two')
    expect(read(datagram(undefined, ''))).toBe('198.51.100.7 ')
  })

  test('may have the header alone in its first datagram', () => {
    const { read } = flowsAt()
    expect(read(headerOf('198.51.100.7'))).toBe('198.51.100.7 ')
    expect(read(datagram(undefined, 'one'))).toBe('198.51.100.7 one')
  })

  test('is one of the address and the port that the relay sends from', () => {
    const { read } = flowsAt()
    read(datagram('198.51.100.7', ''))
    expect(read(datagram(undefined, 'x'), { ...RELAY, port: 51_001 })).toBe('unknown-flow')
    expect(read(datagram(undefined, 'x'), { ...RELAY, address: '127.0.0.2' })).toBe('unknown-flow')
    expect(read(datagram(undefined, 'x'), { ...RELAY, address: '::ffff:127.0.0.1' })).toBe(
      '198.51.100.7 x',
    )
  })

  test('takes its header once more, as where a datagram comes twice or each one has it', () => {
    const { read } = flowsAt()
    for (const text of ['one', 'one', 'two']) {
      expect(read(datagram('198.51.100.7', text))).toBe(`198.51.100.7 ${text}`)
    }
  })

  test('hands on what only looks like the start of a header', () => {
    const { read } = flowsAt()
    read(datagram('198.51.100.7', ''))
    for (const text of ['\r', '\r\n\r\n', 'PROXY TCP4 192.0.2.66 192.0.2.1 1 2\r\n']) {
      expect(read(Buffer.from(text))).toBe(`198.51.100.7 ${text}`)
    }
  })

  test('of LOCAL is the relay’s own', () => {
    const { flows } = flowsAt()
    const local = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex')
    expect(flows.read(local, RELAY)).toMatchObject({
      status: 'complete',
      source: undefined,
      header: { command: 'LOCAL' },
    })
  })
})

describe('nobody is believed', () => {
  test('who is not a relay', () => {
    const { read, flows } = flowsAt()
    const stranger = { ...RELAY, address: '192.0.2.66' }
    expect(read(datagram('198.51.100.7', 'x'), stranger)).toBe('untrusted-peer')
    expect(read(datagram('198.51.100.7', 'x'), { address: 'nonsense', port: 1 })).toBe(
      'untrusted-peer',
    )
    expect(flows.size).toBe(0)
  })

  test('who begins without a header, or with a broken one', () => {
    const { read, flows } = flowsAt()
    expect(read(datagram(undefined, 'x'))).toBe('unknown-flow')
    expect(read(headerOf('198.51.100.7').subarray(0, 20))).toBe('malformed')
    expect(flows.size).toBe(0)
    expect(flows.refused).toEqual({ 'unknown-flow': 1, malformed: 1 })
  })

  test('who writes another header into a flow, however long it goes on', () => {
    const { read, clock } = flowsAt({ idleTimeout: 45_000 })
    read(datagram('198.51.100.66', ''))
    for (let n = 0; n < 10; n++) {
      clock.now += 29_000
      expect(read(datagram('192.0.2.1', 'forged'))).toBe('another-header')
      expect(read(datagram(undefined, 'x'))).toBe('another-header')
    }
    clock.now += 45_000
    expect(read(datagram('198.51.100.8', 'new'))).toBe('198.51.100.8 new')
  })

  test('who was silent for long, without a new header', () => {
    const { read, clock } = flowsAt({ idleTimeout: 45_000 })
    read(datagram('198.51.100.7', ''))
    clock.now += 44_999
    expect(read(datagram(undefined, 'x'))).toBe('198.51.100.7 x')
    clock.now += 45_000
    expect(read(datagram(undefined, 'x'))).toBe('unknown-flow')
  })

  test('beyond so many flows, and none is forgotten for another', () => {
    const { read, flows, clock } = flowsAt({ maxFlows: 2, idleTimeout: 45_000 })
    for (const port of [1, 2]) read(datagram(`198.51.100.${port}`, ''), { ...RELAY, port })
    expect(read(datagram('198.51.100.3', ''), { ...RELAY, port: 3 })).toBe('too-many-flows')
    expect(read(datagram(undefined, 'x'), { ...RELAY, port: 1 })).toBe('198.51.100.1 x')
    clock.now += 45_000
    expect(read(datagram('198.51.100.3', ''), { ...RELAY, port: 3 })).toBe('198.51.100.3 ')
    expect(flows.size).toBe(1)
  })

  test('by what a flow keeps of a message later overwritten', () => {
    const { read } = flowsAt()
    const message = datagram('198.51.100.7', 'x')
    read(message)
    message.fill(0)
    expect(read(datagram(undefined, 'x'))).toBe('198.51.100.7 x')
  })

  test('whatever a client writes: its flow names it, or nobody', () => {
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.ipV4().map((address) => headerOf(address)),
      fc.constant(headerOf('198.51.100.66', 9)),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.nat(44_999)), { maxLength: 20 }), (sends) => {
        const { flows, clock } = flowsAt({ idleTimeout: 45_000 })
        flows.read(headerOf('198.51.100.66'), RELAY)
        for (const [bytes, wait] of sends) {
          clock.now += wait
          const result = flows.read(bytes, RELAY)
          if (result.status === 'complete') {
            expect(result.source).toEqual({ address: '198.51.100.66', port: 4711 })
          }
        }
      }),
    )
  })
})

describe('options', () => {
  test.each<[unknown, string]>([
    [{}, 'from'],
    [{ from: [] }, 'from'],
    [{ from: ['10.0.0.0/33'] }, 'from'],
    [{ from: ['loopback'], idleTimeout: 10 }, 'idleTimeout'],
    [{ from: ['loopback'], maxFlows: 0 }, 'maxFlows'],
    [{ from: ['loopback'], maxFlow: 5 }, 'maxFlow'],
  ])('%j is refused', (options, path) => {
    const make = () => new DatagramFlows(options as DatagramFlowsOptions)
    expect(make).toThrow(AcceptError)
    expect(make).toThrow(expect.objectContaining({ code: 'bad-accept-option', path }))
  })
})

describe('over sockets', () => {
  async function bound(address: string): Promise<Socket> {
    const socket = createSocket('udp4').bind(0, address)
    onTestFinished(() => void socket.close())
    await once(socket, 'listening')
    return socket
  }

  test('each client of a relay is named, and answered by way of its flow', async () => {
    const flows = new DatagramFlows({ from: ['127.0.0.1'] })
    const service = await bound('127.0.0.1')
    service.on('message', (message, from) => {
      const read = flows.read(message, from)
      const text =
        read.status === 'refused'
          ? read.reason
          : `${read.source?.address} ${Buffer.from(read.payload)}`
      service.send(text, from.port, from.address)
    })
    const ask = async (socket: Socket, message: Uint8Array): Promise<string> => {
      const answer = once(socket, 'message') as Promise<[Buffer, RemoteInfo]>
      socket.send(message, service.address().port, '127.0.0.1')
      return (await answer)[0].toString()
    }
    const v6 = encode({
      version: 2,
      command: 'PROXY',
      family: 'INET6',
      transport: 'DGRAM',
      source: { address: '2001:db8::7', port: 5353 },
      destination: { address: '2001:db8::53', port: 53 },
      tlvs: [],
    })
    const [one, two, stranger] = [
      await bound('127.0.0.1'),
      await bound('127.0.0.1'),
      await bound('127.0.0.2'),
    ]
    expect(await ask(one, datagram('198.51.100.7', 'a'))).toBe('198.51.100.7 a')
    expect(await ask(two, Buffer.concat([v6, Buffer.from('b')]))).toBe('2001:db8::7 b')
    expect(await ask(one, Buffer.from('c'))).toBe('198.51.100.7 c')
    expect(await ask(two, Buffer.from('d'))).toBe('2001:db8::7 d')
    expect(await ask(two, datagram('198.51.100.7', 'e'))).toBe('another-header')
    expect(await ask(stranger, datagram('198.51.100.7', 'f'))).toBe('untrusted-peer')
  })
})
