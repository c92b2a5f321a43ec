import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { acceptProxyProtocol, decode, proxyEvidence, tlvViews } from '@truehop/proxy-protocol'
import { describe, expect, onTestFinished, test } from 'vitest'
import { certificate } from '../peers/harness/certificate.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { DELIVERIES, type DeliveryName, deliver } from './deliver.js'

/** The exact bytes of a sender that no package of Debian has, and what they mean. */
interface Case {
  readonly name: string
  /** Of the sender; a year where it has none. */
  readonly version: string
  /**
   * What the bytes rest on. `capture`: somebody published them off the wire. `source`: the sender's own
   * code or tests. `documentation`: of the sender. `worked out`: from the form of any of these.
   */
  readonly basis: (typeof BASES)[number]
  /** Hexadecimal. */
  readonly bytes: string
  readonly meaning: string
  readonly crc32c?: 'ignore'
  /** How it sends them, where that is part of what it does; else in every way. */
  readonly deliveries?: readonly DeliveryName[]
  readonly expect: { readonly views?: Readonly<Record<string, unknown>> }
  /** `client`: whom the header names; `peer`: the sender itself; `refused: ` and the reason. */
  readonly received: string
}

const BASES = ['capture', 'source', 'documentation', 'worked out'] as const

interface Sender {
  readonly sender: string
  readonly sources: readonly { readonly what: string; readonly url: string }[]
  readonly cases: readonly Case[]
}

const folder = new URL('senders/', import.meta.url)
const SENDERS: readonly Sender[] = readdirSync(folder).map((name) =>
  JSON.parse(readFileSync(new URL(name, folder), 'utf8')),
)

/** Behind the header: what the service gets, whole. */
const PAYLOAD = 'hello\n'

describe.each(SENDERS)('$sender', ({ cases, sources }) => {
  test('the sources are named, and what each case rests on', () => {
    expect(sources.length).toBeGreaterThan(0)
    for (const { url } of sources) expect(new URL(url).protocol).toBe('https:')
    for (const { basis } of cases) expect(BASES).toContain(basis)
  })

  test.each(cases)('decodes $name', (one) => {
    const bytes = Buffer.from(one.bytes, 'hex')
    const { views = {}, ...expected } = one.expect
    const result = decode(Buffer.concat([bytes, Buffer.from(PAYLOAD)]), optionsOf(one))
    expect(plain(result)).toMatchObject(expected)
    if (result.status !== 'complete') return
    for (const [name, value] of Object.entries(views)) {
      const view = Reflect.get(tlvViews(result.header), name)
      expect(typeof view === 'bigint' ? String(view) : view).toBe(value)
    }
  })
})

describeWithPeers(['openssl'], 'through sockets', () => {
  describe.each(SENDERS)('$sender', ({ cases }) => {
    describe.each(cases)('$name', (one) => {
      const deliveries = one.deliveries ?? DELIVERIES
      test.each(deliveries)('%s', async (delivery) => {
        expect(await received(one, delivery, 'tcp')).toBe(expectedOf(one))
      })
      test.each(deliveries)('%s, TLS at once', async (delivery) => {
        expect(await received(one, delivery, 'tls')).toBe(expectedOf(one))
      })
      test('header apart, TLS later', async () => {
        expect(await received(one, 'header apart', 'tls')).toBe(expectedOf(one))
      })
    })
  })
})

/** What a service behind our receiver says of the connection, or why it was refused. */
async function received(
  one: Case,
  delivery: DeliveryName,
  transport: 'tcp' | 'tls',
): Promise<string> {
  const { cert, key } = certificate()
  const server: Server = transport === 'tls' ? createTlsServer({ cert, key }) : createServer()
  server.on(transport === 'tls' ? 'secureConnection' : 'connection', (socket) => {
    const [header] = proxyEvidence(socket).headers
    const source = header?.source
    const client = source !== undefined && 'address' in source ? source.address : 'peer'
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => socket.end(`${client} ${chunk.toString()}`))
  })
  let reason = ''
  acceptProxyProtocol(server, {
    from: ['loopback'],
    ...optionsOf(one),
    onRefused: (refusal) => {
      reason = `refused: ${refusal.reason}`
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const text = await deliver(port, Buffer.from(one.bytes, 'hex'), delivery, transport, PAYLOAD)
  return reason === '' ? text : reason
}

function expectedOf({ received, expect: { ...decoded } }: Case): string {
  if (received.startsWith('refused')) return received
  const address = received === 'peer' ? 'peer' : Reflect.get(decoded, 'header').source.address
  return `${address} ${PAYLOAD}`
}

const optionsOf = ({ crc32c }: Case) => (crc32c === undefined ? {} : { crc32c })

/** With the values of TLVs as text. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner) =>
      key === 'value' ? Buffer.from(Object.values<number>(inner)).toString('hex') : inner,
    ),
  )
