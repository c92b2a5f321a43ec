import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { auditTrail, type SyslogOptions, syslogSink } from '@truehop/log'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { certificate } from '../../peers/harness/certificate.js'
import { describeWithPeers } from '../../peers/harness/peer.js'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'truehop-syslog-options-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** RFC 5424 section 6, for messages without line ends in their header. */
const MESSAGE = /^<(\d+)>1 (\S+) (\S+) (\S+) (\S+) (\S+) ((?:\[(?:\\.|[^\]\\])*\])+) (.*)$/s

interface Message {
  readonly facility: number
  readonly hostname: string
  readonly appName: string
  readonly data: string
  readonly record: { readonly event: string; readonly count?: number }
}

/** RFC 6587 section 3.4.1: a length in bytes, a space, the message. */
function messagesIn(bytes: Buffer): Message[] {
  const messages: Message[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const end = space + 1 + Number(bytes.toString('latin1', at, space))
    const [, pri, , host = '', app = '', , , data = '', text = ''] =
      MESSAGE.exec(bytes.toString('utf8', space + 1, end)) ?? []
    messages.push({
      facility: Math.floor(Number(pri) / 8),
      hostname: host,
      appName: app,
      data,
      record: JSON.parse(text.replace(/^\ufeff/, '')),
    })
    at = end
  }
  return messages
}

/** What a server gets of a trail with this sink and these records. */
type Sent = (
  options: Partial<SyslogOptions>,
  records?: readonly object[],
) => Promise<readonly Message[]>

async function received(
  server: Server,
  options: Partial<SyslogOptions>,
  records: readonly object[] = [{ text: 'x' }],
): Promise<readonly Message[]> {
  const chunks: Buffer[] = []
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket) =>
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)),
  )
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  const trail = auditTrail({
    file: join(folder, 'audit.jsonl'),
    address: 'full',
    sinks: [syslogSink({ host: '127.0.0.1', port, ...options })],
    onError: () => {},
  })
  for (const message of records) trail.record('thing', message)
  await trail.close()
  await new Promise((closed) => server.close(closed))
  return messagesIn(Buffer.concat(chunks))
}

const sent: Sent = (options, records) => received(createServer(), options, records)
const events = (messages: readonly Message[]) => messages.map(({ record }) => record.event)
const ALL = ['audit.started', 'thing', 'audit.closed']

/** RFC 5424 section 6.2.1, table 1. */
const CODES = {
  user: 1,
  daemon: 3,
  auth: 4,
  authpriv: 10,
  audit: 13,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const

const FACILITIES = ([...Object.entries(CODES)] as [keyof typeof CODES, number][]).map(
  ([value, code]): OptionCase<Sent> => ({
    option: 'facility',
    value,
    sees: async (send) => {
      const messages = await send({ facility: value })
      expect(messages.map(({ facility }) => facility)).toEqual([code, code, code])
    },
  }),
)

/** A field of every message is this text, at its longest and shortest. */
const named = (option: 'appName' | 'hostname', length: number): OptionCase<Sent> => ({
  option,
  value: String(length),
  sees: async (send) => {
    const text = '~'.repeat(length)
    const messages = await send({ [option]: text })
    expect(messages.map((each) => each[option])).toEqual([text, text, text])
  },
})

/** Records of this many bytes of text arrive, or are left out and counted. */
const sized = (option: string, value: number, length: number, arrives: boolean) => ({
  option,
  value: String(value),
  sees: async (send: Sent) => {
    const messages = await send({ maxPending: 1_073_741_824, [option]: value }, [
      { text: 'x'.repeat(900), more: Array(length).fill('x'.repeat(900)) },
    ])
    expect(events(messages).includes('thing')).toBe(arrives)
  },
})

const CASES: readonly OptionCase<Sent>[] = [
  {
    option: 'host',
    value: 'an address',
    sees: async (send) => expect(events(await send({ host: '127.0.0.1' }))).toEqual(ALL),
  },
  {
    option: 'host',
    value: 'a name',
    sees: async (send) => expect(events(await send({ host: 'localhost' }))).toEqual(ALL),
  },
  ...['1', '65535'].map((value) => ({
    option: 'port',
    value,
    sees: () => {
      expect(syslogSink({ host: 'logs.example.com', port: Number(value) }).name).toBe('syslog')
    },
  })),
  {
    option: 'tls',
    value: 'left out',
    sees: async (send) => expect(events(await send({}))).toEqual(ALL),
  },
  ...FACILITIES,
  {
    option: 'appName',
    value: 'truehop',
    sees: async (send) => expect((await send({}))[0]?.appName).toBe('truehop'),
  },
  named('appName', 1),
  named('appName', 48),
  named('hostname', 1),
  named('hostname', 255),
  {
    option: 'hostname',
    value: 'left out',
    sees: async (send) => expect((await send({}))[0]?.hostname).toBe(hostname()),
  },
  {
    option: 'structuredData',
    value: 'an object',
    sees: async (send) => {
      const messages = await send({ structuredData: { 'app@12345': { zone: 'a"b\\c]d' } } })
      expect(messages[1]?.data).toBe('[meta sequenceId="2"][app@12345 zone="a\\"b\\\\c\\]d"]')
    },
  },
  sized('maxMessage', 2048, 0, true),
  sized('maxMessage', 2048, 4, false),
  sized('maxMessage', 1_048_576, 40, true),
  {
    option: 'maxPending',
    value: '65536',
    sees: async (send) => {
      const many = Array.from({ length: 190 }, (_, i) => ({ i, text: 'x'.repeat(900) }))
      const messages = await send({ maxPending: 65_536 }, many)
      const things = events(messages).filter((event) => event === 'thing').length
      expect(things).toBeGreaterThan(10)
      expect(things).toBeLessThan(190)
    },
  },
  {
    option: 'maxPending',
    value: '1073741824',
    sees: async (send) => {
      const many = Array.from({ length: 190 }, (_, i) => ({ i, text: 'x'.repeat(900) }))
      const messages = await send({ maxPending: 1_073_741_824 }, many)
      expect(events(messages).filter((event) => event === 'thing')).toHaveLength(190)
    },
  },
]

describe('a syslog sink with', () => {
  test.each(CASES)('$option: $value', ({ sees }) => sees(sent))
  expectComplete(documentedOptions('logging', 'The certificate of the server is always'), CASES)

  test.each<[object, string]>([
    [{}, 'host: is missing'],
    [{ host: '' }, 'host'],
    [{ port: 0 }, 'port: must be an integer from 1 to 65535, got 0'],
    [{ port: 65_536 }, 'port'],
    [{ port: '601' }, 'port'],
    [{ tls: true }, 'tls: must be options of tls.connect, got true'],
    [{ tls: { rejectUnauthorized: false } }, 'tls.rejectUnauthorized: must not be false'],
    [{ facility: 'kern' }, 'facility'],
    [{ facility: 'local8' }, 'facility'],
    [{ appName: '' }, 'appName: must be 1 to 48 printable ASCII characters'],
    [{ appName: 'x'.repeat(49) }, 'appName'],
    [{ appName: 'my app' }, 'appName'],
    [{ hostname: 'x'.repeat(256) }, 'hostname: must be 1 to 255 printable ASCII characters'],
    [{ hostname: 'zürich' }, 'hostname'],
    [{ structuredData: [] }, 'structuredData: must be an object by SD-ID'],
    [{ structuredData: { app: { a: 'b' } } }, 'structuredData.app: must be named like app@12345'],
    [{ structuredData: { 'app@1': 'b' } }, 'structuredData.app@1: must be an object'],
    [{ structuredData: { 'app@1': { 'a b': 'c' } } }, 'must be a text under a name without'],
    [{ structuredData: { 'app@1': { a: 1 } } }, 'must be a text under a name without'],
    [{ maxMessage: 2047 }, 'maxMessage: must be an integer from 2048 to 1048576 (bytes), got 2047'],
    [{ maxMessage: 1_048_577 }, 'maxMessage'],
    [{ maxPending: 65_535 }, 'maxPending'],
    [{ maxPending: 1_073_741_825 }, 'maxPending'],
    [{ facilty: 'user' }, 'facilty: unknown option; write facility'],
  ])('%j is refused', (wrong, message) => {
    const host = Object.keys(wrong).length === 0 ? {} : { host: 'logs.example.com' }
    const options = JSON.parse(JSON.stringify({ ...host, ...wrong }))
    expect(() => syslogSink(options)).toThrow(message)
  })
})

describeWithPeers(['openssl'], 'a syslog sink over TLS', () => {
  test('sends to a server whose certificate it knows, and nothing to another', async () => {
    const { cert, key } = certificate()
    const server = () => createTlsServer({ cert, key })
    const tls = { ca: cert, servername: 'localhost' }
    expect(events(await received(server(), { tls }))).toEqual(ALL)
    rmSync(join(folder, 'audit.jsonl'))
    expect(events(await received(server(), { tls: { servername: 'localhost' } }))).toEqual([])
    expect(readFileSync(join(folder, 'audit.jsonl'), 'utf8')).toContain('thing')
  })
})
