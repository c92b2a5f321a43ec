import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  createServer as createHttp,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttps, request as requestHttps } from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  acceptProxyProtocol,
  type HeaderInput,
  LOCAL_HEADER,
  ProxyHttpAgent,
  ProxyHttpsAgent,
  type ProxyRequestOptions,
  proxyConnect,
  proxyConnector,
  proxyEvidence,
  TlvType,
} from '@truehop/proxy-protocol'
import { Client, request as undiciRequest } from 'undici'
import { describe, expect, test } from 'vitest'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'
import { stopAfterEach, stopLater } from './site.js'

stopAfterEach()

const PEM = readFileSync(
  new URL('../../../packages/proxy-protocol/test/fixtures/localhost.pem', import.meta.url),
)
const TLS = { ca: PEM, servername: 'localhost' }
const CLIENT = '198.51.100.7'
const HEADER: HeaderInput = {
  version: 2,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: CLIENT, port: 51_442 },
  destination: { address: '192.0.2.80', port: 443 },
}

/** What a receiver of this project says about a connection. */
interface Seen {
  readonly client: string
  readonly isEncrypted: boolean
  readonly hasChecksum: boolean
}

const answer = (request: IncomingMessage, response: ServerResponse): void => {
  const [header] = proxyEvidence(request).headers
  const source = header?.source
  const seen: Seen = {
    client: source !== undefined && 'address' in source ? source.address : String(header?.command),
    isEncrypted: 'encrypted' in request.socket,
    hasChecksum: header?.tlvs.some(({ type }) => type === TlvType.CRC32C) ?? false,
  }
  response.setHeader('connection', 'close')
  response.end(JSON.stringify(seen))
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stopLater(async () => void server.close())
  return (server.address() as AddressInfo).port
}

async function receiver(isEncrypted: boolean): Promise<number> {
  const server = isEncrypted ? createHttps({ key: PEM, cert: PEM }, answer) : createHttp(answer)
  acceptProxyProtocol(server, { from: ['loopback'] })
  return listening(server)
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** The options of a sender by its own names for them, and what the receiver says. */
type Sending = (options: object, isEncrypted?: boolean) => Promise<Seen>

const byConnect: Sending = async (options, isEncrypted = 'tls' in options) => {
  const port = await receiver(isEncrypted)
  const socket = proxyConnect({ host: '127.0.0.1', port, header: HEADER, ...options })
  socket.write(REQUEST)
  return JSON.parse((await text(socket)).split('\r\n\r\n')[1] ?? '')
}

const byConnector: Sending = async (
  { header = HEADER, ...options }: { header?: HeaderInput },
  isEncrypted = 'tls' in options,
) => {
  const origin = `${isEncrypted ? 'https' : 'http'}://localhost:${await receiver(isEncrypted)}`
  const dispatcher = new Client(origin, { connect: proxyConnector(header, options) })
  stopLater(() => dispatcher.destroy())
  const { body } = await undiciRequest(origin, { dispatcher })
  return JSON.parse(await body.text())
}

const byAgent =
  (scheme: 'http' | 'https'): Sending =>
  async ({ ofRequest = {}, ...options }: { ofRequest?: object }) => {
    const port = await receiver(scheme === 'https')
    const agent =
      scheme === 'http' ? new ProxyHttpAgent(options) : new ProxyHttpsAgent({ ...TLS, ...options })
    stopLater(async () => agent.destroy())
    const to: ProxyRequestOptions = { host: '127.0.0.1', port, agent, ...ofRequest }
    const call = scheme === 'http' ? requestHttp(to) : requestHttps(to)
    call.end()
    const [response]: IncomingMessage[] = await once(call, 'response')
    return JSON.parse(response === undefined ? '' : await text(response))
  }

const sends = (option: string, value: string, options: object, seen: Partial<Seen>) => ({
  option,
  value,
  sees: async (sending: Sending) => void expect(await sending(options)).toMatchObject(seen),
})

const HEADERS: readonly OptionCase<Sending>[] = [
  sends('header', 'a header', { header: HEADER }, { client: CLIENT }),
  sends('header', 'of version 1', { header: { ...HEADER, version: 1 } }, { client: CLIENT }),
  sends('header', 'LOCAL_HEADER', { header: LOCAL_HEADER }, { client: 'LOCAL' }),
]
const TLS_CASES: readonly OptionCase<Sending>[] = [
  sends('tls', 'options of tls.connect', { tls: TLS }, { client: CLIENT, isEncrypted: true }),
  sends('tls', 'left out', {}, { client: CLIENT, isEncrypted: false }),
]
const checksums = (header: object): readonly OptionCase<Sending>[] => [
  sends('crc32c', 'true', { ...header, crc32c: true }, { client: CLIENT, hasChecksum: true }),
  sends('crc32c', 'false', { ...header, crc32c: false }, { client: CLIENT, hasChecksum: false }),
  sends('crc32c', 'left out', header, { client: CLIENT, hasChecksum: false }),
]

const AGENT: readonly OptionCase<Sending>[] = [
  sends('proxyHeader', "the agent's", { proxyHeader: HEADER }, { client: CLIENT }),
  sends(
    'proxyHeader',
    "the request's",
    { proxyHeader: LOCAL_HEADER, ofRequest: { proxyHeader: HEADER } },
    { client: CLIENT },
  ),
  {
    option: 'proxyHeader',
    value: 'left out',
    sees: async (sending) => void (await expect(sending({})).rejects.toThrow('proxyHeader')),
  },
  ...checksums({ proxyHeader: HEADER }),
]

/** A connection that accepts and stays silent: TLS never stands on it. */
const silent = async (timeout: number) => {
  const connect = proxyConnector(HEADER, { timeout, tls: TLS })
  const port = await listening(createServer((socket) => void socket.on('error', () => {})))
  return new Promise<Error | null>((resolve) =>
    connect({ hostname: '127.0.0.1', protocol: 'https:', port }, (...[error, socket]) => {
      socket?.destroy()
      resolve(error)
    }),
  )
}

const TIMEOUT: readonly OptionCase<Sending>[] = [
  {
    option: 'timeout',
    value: '1',
    sees: async () =>
      void expect(await silent(1)).toMatchObject({ message: 'no connection within 1 ms' }),
  },
  sends('timeout', '600000', { timeout: 600_000 }, { client: CLIENT }),
]

const CONNECT = [...HEADERS, ...TLS_CASES, ...checksums({})]
const CONNECTOR = [...CONNECT, ...TIMEOUT]

describe.each<[what: string, cases: readonly OptionCase<Sending>[], sending: Sending]>([
  ['proxyConnect', CONNECT, byConnect],
  ['proxyConnector', CONNECTOR, byConnector],
  ['ProxyHttpAgent', AGENT, byAgent('http')],
  ['ProxyHttpsAgent', AGENT, byAgent('https')],
])('a connection of %s with', (_what, cases, sending) => {
  test.each(cases)('$option: $value', ({ sees }) => sees(sending))
})

describe('the options of senders', () => {
  expectComplete(documentedOptions('proxy-protocol', '## Sending'), [...CONNECTOR, ...AGENT])

  test.each([0, 600_001, 1.5, Number.NaN])('timeout: %d is refused', (timeout) => {
    expect(() => proxyConnector(HEADER, { timeout })).toThrow('timeout')
  })
})
