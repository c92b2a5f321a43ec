import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import truehopFastify from '@truehop/fastify'
import type { PolicyOptions } from '@truehop/identity'
import {
  type AcceptOptions,
  acceptProxyProtocol,
  encode,
  proxyEvidence,
  type Refusal,
} from '@truehop/proxy-protocol'
import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { proxyLine } from '../../bytes/proxy-header.js'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'
import { stopAfterEach, stopLater } from './site.js'

stopAfterEach()

const SENDER = '127.0.0.1'
const CLIENT = '198.51.100.7'
const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')

const LINE = Buffer.from(proxyLine(CLIENT))

interface HeaderOptions {
  readonly source?: string
  readonly padding?: number
  readonly wrongCrc?: boolean
}

/** A version 2 header, with so many bytes in a TLV. */
function header({ source = CLIENT, padding = 0, wrongCrc = false }: HeaderOptions = {}): Buffer {
  const tlvs = padding === 0 ? [] : [{ type: 0xe0, value: Buffer.alloc(padding) }]
  const bytes = encode(
    {
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: source, port: 51_442 },
      destination: { address: '192.0.2.80', port: 443 },
      tlvs,
    },
    { crc32c: wrongCrc },
  )
  // The source's port is covered by the sum.
  if (wrongCrc) bytes.writeUInt16BE(51_443, 24)
  return bytes
}

interface Connected {
  /** All that came back, when the connection has ended. */
  readonly answer: Promise<string>
  readonly isOpen: () => boolean
  write(bytes: Uint8Array): void
  end(): void
}

function dial(port: number, from: string, bytes: Uint8Array = new Uint8Array()): Connected {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from })
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
  })
  socket.on('error', () => {})
  if (bytes.length > 0) socket.write(bytes)
  const answer = once(socket, 'close').then(() => text)
  stopLater(async () => void socket.destroy())
  return {
    answer,
    isOpen: () => !socket.destroyed,
    write: (more) => void socket.write(more),
    end: () => void socket.destroy(),
  }
}

/** Who the service says the client is; 'refused' where it says nothing, a status where it is none. */
async function seen(port: number, from: string, bytes: Uint8Array): Promise<string> {
  const answer = await dial(port, from, bytes).answer
  if (answer === '') return 'refused'
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  return head.includes(' 200 ') ? body : (head.split(' ')[1] ?? '')
}

type Receiving = (options: Partial<AcceptOptions>) => Promise<number>

async function plainServer(options: Partial<AcceptOptions>): Promise<number> {
  const server = createServer((request, response) => {
    const { peer, headers } = proxyEvidence(request)
    const source = headers.at(-1)?.source
    const named = source !== undefined && 'address' in source ? source.address : peer
    response.setHeader('content-length', String(named).length)
    response.end(String(named))
  })
  acceptProxyProtocol(server, { from: [SENDER], ...options })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stopLater(async () => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

async function policyServer(options: object): Promise<number> {
  const app = fastify()
  const hops = [{ from: [SENDER], asserts: 'proxy-protocol' }]
  const policy: PolicyOptions = { hops, proxyProtocol: options }
  await app.register(truehopFastify, policy)
  app.get('/', async ({ clientIp }) => clientIp)
  await app.listen({ host: '127.0.0.1', port: 0 })
  stopLater(() => app.close())
  return (app.server.address() as AddressInfo).port
}

const through = (more: HeaderOptions = {}) => Buffer.concat([header(more), REQUEST])
/** A client of IPv6 whom nginx received at an IPv4 address of its own, and passes on. */
const MIXED = Buffer.concat([Buffer.from('PROXY TCP6 2001:db8::7 10.0.0.6 56324 443\r\n'), REQUEST])
/** Each names the next sender, and the last one the client. */
const several = (count: number) => {
  const senders = Array.from({ length: count - 1 }, () => header({ source: SENDER }))
  return Buffer.concat([...senders, header(), REQUEST])
}

/** `[what is sent, from where, who is seen]` */
type Row = readonly [bytes: Uint8Array, from: string, sees: string]

const rows = (option: string, value: string, options: object, ...expected: readonly Row[]) => ({
  option,
  value,
  sees: async (receiving: Receiving) => {
    const port = await receiving(options)
    for (const [bytes, from, sees] of expected) expect(await seen(port, from, bytes)).toBe(sees)
  },
})

/** Connections that have sent nothing stand open; the next one, with its header, is seen. */
const crowded = (option: string, value: string, options: object, silent: number, sees: string) => ({
  option,
  value,
  sees: async (receiving: Receiving) => {
    const port = await receiving(options)
    const held = Array.from({ length: silent }, () => dial(port, SENDER))
    await sleep(100)
    expect(held.every(({ isOpen }) => isOpen())).toBe(true)
    expect(await seen(port, SENDER, through())).toBe(sees)
  },
})

const COMMON: readonly OptionCase<Receiving>[] = [
  rows(
    'direct',
    'reject',
    { direct: 'reject' },
    [REQUEST, '127.0.0.2', 'refused'],
    [through(), SENDER, CLIENT],
  ),
  rows(
    'direct',
    'accept',
    { direct: 'accept' },
    [REQUEST, '127.0.0.2', '127.0.0.2'],
    [through(), '127.0.0.2', '400'],
  ),
  rows(
    'optional',
    'true',
    { optional: true },
    [REQUEST, SENDER, SENDER],
    [through(), SENDER, CLIENT],
  ),
  rows(
    'optional',
    'false',
    { optional: false },
    [REQUEST, SENDER, 'refused'],
    [through(), SENDER, CLIENT],
  ),
  rows(
    'healthCheckFrom',
    'prefixes',
    { healthCheckFrom: ['127.0.0.3'] },
    [REQUEST, '127.0.0.3', '127.0.0.3'],
    [REQUEST, '127.0.0.4', 'refused'],
    [REQUEST, SENDER, 'refused'],
  ),
  {
    option: 'timeout',
    value: '3000',
    sees: async (receiving) => {
      const port = await receiving({ timeout: 3000 })
      expect(await dial(port, SENDER, header().subarray(0, 20)).answer).toBe('')
    },
  },
  {
    option: 'timeout',
    value: '600000',
    sees: async (receiving) => {
      const port = await receiving({ timeout: 600_000 })
      const late = dial(port, SENDER, header().subarray(0, 20))
      await sleep(6000)
      expect(late.isOpen()).toBe(true)
      late.write(Buffer.concat([header().subarray(20), REQUEST]))
      expect(await late.answer).toContain(CLIENT)
    },
  },
  rows(
    'maxHeaders',
    '1',
    { maxHeaders: 1 },
    [several(1), SENDER, CLIENT],
    [several(2), SENDER, '400'],
  ),
  rows(
    'maxHeaders',
    '16',
    { maxHeaders: 16 },
    [several(16), SENDER, CLIENT],
    [several(17), SENDER, '400'],
  ),
  rows(
    'maxHeaderBytes',
    '232',
    { maxHeaderBytes: 232 },
    [through({ padding: 200 }), SENDER, CLIENT],
    [through({ padding: 202 }), SENDER, 'refused'],
  ),
  rows('maxHeaderBytes', '65551', { maxHeaderBytes: 65_551 }, [
    through({ padding: 65_551 - 31 }),
    SENDER,
    CLIENT,
  ]),
  rows('crc32c', 'verify', { crc32c: 'verify' }, [through({ wrongCrc: true }), SENDER, 'refused']),
  rows('crc32c', 'ignore', { crc32c: 'ignore' }, [through({ wrongCrc: true }), SENDER, CLIENT]),
  rows(
    'versions',
    '1',
    { versions: [1] },
    [Buffer.concat([LINE, REQUEST]), SENDER, CLIENT],
    [through(), SENDER, 'refused'],
  ),
  rows(
    'versions',
    '2',
    { versions: [2] },
    [through(), SENDER, CLIENT],
    [Buffer.concat([LINE, REQUEST]), SENDER, 'refused'],
  ),
  rows('name', '1', { name: 'a' }, [through(), SENDER, CLIENT]),
  rows('name', '64', { name: 'a'.repeat(64) }, [through(), SENDER, CLIENT]),
  rows('mixedFamilies', 'reject', { mixedFamilies: 'reject' }, [MIXED, SENDER, 'refused']),
  rows(
    'mixedFamilies',
    'accept',
    { mixedFamilies: 'accept' },
    [MIXED, SENDER, '2001:db8::7'],
    [through(), SENDER, CLIENT],
  ),
  crowded('maxPending', '1', { maxPending: 1 }, 1, 'refused'),
  crowded('maxPending', '1000000', { maxPending: 1_000_000 }, 20, CLIENT),
  crowded('maxPendingPerPeer', '1', { maxPendingPerPeer: 1 }, 1, 'refused'),
  crowded(
    'maxPendingPerPeer',
    '1000000',
    { maxPending: 1_000_000, maxPendingPerPeer: 1_000_000 },
    20,
    CLIENT,
  ),
]

const OWN: readonly OptionCase<Receiving>[] = [
  {
    option: 'unsafeShortTimeout',
    value: 'true',
    sees: async (receiving) => {
      const port = await receiving({ unsafeShortTimeout: true, timeout: 50 })
      expect(await dial(port, SENDER, header().subarray(0, 20)).answer).toBe('')
    },
  },
  {
    option: 'unsafeShortTimeout',
    value: 'false',
    sees: async (receiving) => {
      const options = { unsafeShortTimeout: false, timeout: 50 }
      await expect(receiving(options)).rejects.toThrow('timeout')
    },
  },
  rows(
    'from',
    'a prefix',
    { from: ['127.0.0.0/31'] },
    [through(), SENDER, CLIENT],
    [through(), '127.0.0.2', 'refused'],
  ),
  rows(
    'from',
    'an address',
    { from: ['127.0.0.9'] },
    [through(), '127.0.0.9', CLIENT],
    [through(), SENDER, 'refused'],
  ),
  rows('from', 'a name', { from: ['loopback'] }, [through(), '127.0.0.77', CLIENT]),
  {
    option: 'onRefused',
    value: 'a function',
    sees: async (receiving) => {
      const refused: Refusal[] = []
      const port = await receiving({ onRefused: (refusal) => void refused.push(refusal) })
      expect(await seen(port, '127.0.0.2', REQUEST)).toBe('refused')
      expect(refused).toMatchObject([{ reason: 'untrusted-peer', peer: '127.0.0.2' }])
    },
  },
]

describe('a connection to acceptProxyProtocol, with', () => {
  test.each([...COMMON, ...OWN])('$option: $value', ({ sees }) => sees(plainServer))
  expectComplete(documentedOptions('proxy-protocol', '## Limits'), [...COMMON, ...OWN])
})

describe('a connection to a policy’s server, with proxyProtocol', () => {
  test.each(COMMON)('$option: $value', ({ sees }) => sees(policyServer))
  expectComplete(documentedOptions('policy', '## Receiving PROXY headers'), COMMON)
})
