import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage } from 'node:http'
import {
  connect as connectHttp2,
  createServer as createHttp2,
  createSecureServer,
} from 'node:http2'
import { createServer as createHttps, get as getHttps } from 'node:https'
import { type AddressInfo, connect, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { TLS } from '../../../test/edges/pem.js'
import {
  bindRequest,
  bindServer,
  definePolicy,
  identityOf,
  type RawRequest,
  UnboundRequestError,
} from '../src/index.js'
import { policyOf } from '../src/request/request.js'

const CLIENT = '198.51.100.7'
const policy = () => definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })

/** The server, answering with what the identity tells, or with the name of the error. */
async function listening<S extends Server>(server: S): Promise<number> {
  server.on('request', (request: RawRequest, response) => {
    response.end(told(request))
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
  })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function told(request: RawRequest): string {
  try {
    const identity = identityOf(request)
    const client = identity.status === 'resolved' ? identity.ip : identity.reason
    return `${client} ${identity.protocol}`
  } catch (error) {
    return (error as Error).name
  }
}

async function overHttp(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(`GET / HTTP/1.0\r\nX-Forwarded-For: ${CLIENT}\r\n\r\n`)
  return (await text(socket)).split('\r\n\r\n')[1] ?? ''
}

async function overHttps(port: number): Promise<string> {
  const headers = { 'x-forwarded-for': CLIENT }
  const request = getHttps({
    port,
    host: '127.0.0.1',
    headers,
    rejectUnauthorized: false,
    agent: false,
  })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return text(response)
}

async function overHttp2(origin: string, lists: readonly string[]): Promise<string[]> {
  const session = connectHttp2(origin, { rejectUnauthorized: false })
  const answers: string[] = []
  for (const list of lists) {
    answers.push(await text(session.request({ ':path': '/', 'x-forwarded-for': list })))
  }
  session.destroy()
  return answers
}

describe('a policy in force on a server', () => {
  test('decides every request of HTTP', async () => {
    const server = createHttp()
    bindServer(server, policy())
    expect(await overHttp(await listening(server))).toBe(`${CLIENT} http`)
  })

  test('decides every request of HTTPS, whose socket is another than the accepted one', async () => {
    const server = createHttps(TLS)
    bindServer(server, policy())
    expect(await overHttps(await listening(server))).toBe(`${CLIENT} https`)
  })

  test('decides every request of a session of HTTP/2, each by its own headers', async () => {
    const lists = [CLIENT, CLIENT, CLIENT, '198.51.100.8', 'unknown']
    const due = [CLIENT, CLIENT, CLIENT, '198.51.100.8', 'unidentified-node']
    const plain = createHttp2()
    bindServer(plain, policy())
    const port = await listening(plain)
    expect(await overHttp2(`http://127.0.0.1:${port}`, lists)).toEqual(
      due.map((client) => `${client} http`),
    )
    const secure = createSecureServer(TLS)
    bindServer(secure, policy())
    const securePort = await listening(secure)
    expect(await overHttp2(`https://127.0.0.1:${securePort}`, lists)).toEqual(
      due.map((client) => `${client} https`),
    )
  })

  test('decides a request of HTTP/2 whose session has ended before somebody asks', async () => {
    const server = createHttp2()
    bindServer(server, policy())
    server.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const decided = new Promise<string>((tell) => {
      server.on('stream', (stream) => stream.on('error', () => {}))
      server.on('request', async (request) => {
        const closed = once(request.stream, 'close')
        session.destroy()
        await closed
        for (let turns = 0; turns < 1000 && request.stream.session !== undefined; turns++) {
          await new Promise(setImmediate)
        }
        tell(told(request))
      })
    })
    const stream = session.request({ ':path': '/', 'x-forwarded-for': CLIENT })
    stream.on('error', () => {})
    session.on('error', () => {})
    expect(await decided).toContain(CLIENT)
  })

  test.each([
    ['the session of its user', { session: { socket: { remoteAddress: '127.0.0.2' } } }],
    ['no stream', { stream: null }],
    ['a body of the client', { raw: { headers: { 'x-forwarded-for': '6.6.6.6' }, socket: {} } }],
  ])('decides a request on which the application keeps %s', async (_, kept) => {
    const server = createHttp()
    bindServer(server, policy())
    server.prependListener('request', (request) => {
      bindRequest(request, policy())
      Object.assign(request, kept)
    })
    expect(await overHttp(await listening(server))).toBe(`${CLIENT} http`)
  })

  test('is in force for no later connection once that is ended', async () => {
    const http = createHttp()
    const endHttp = bindServer(http, policy())
    const https = createHttps(TLS)
    const endHttps = bindServer(https, policy())
    const http2 = createHttp2()
    const endHttp2 = bindServer(http2, policy())
    const ports = [await listening(http), await listening(https), await listening(http2)] as const
    for (const end of [endHttp, endHttps, endHttp2]) end()
    expect(await overHttp(ports[0])).toBe('UnboundRequestError')
    expect(await overHttps(ports[1])).toBe('UnboundRequestError')
    expect(await overHttp2(`http://127.0.0.1:${ports[2]}`, [CLIENT])).toEqual([
      'UnboundRequestError',
    ])
  })
})

describe('a request', () => {
  const request = (more: object = {}): IncomingMessage =>
    ({
      headers: { 'x-forwarded-for': CLIENT },
      socket: { remoteAddress: '127.0.0.1' },
      ...more,
    }) as unknown as IncomingMessage

  test('that no policy is in force for has no identity, and the error says what is missing', () => {
    expect(() => identityOf(request())).toThrow(UnboundRequestError)
    expect(() => identityOf(request())).toThrow(
      expect.objectContaining({
        name: 'UnboundRequestError',
        code: 'unbound-request',
        message: expect.stringMatching(
          /^no policy is in force .* bindServer\(server, policy\) .*\[unbound-request\]$/,
        ),
      }),
    )
    expect(policyOf(request())).toBeUndefined()
    expect(policyOf(request({ socket: undefined }))).toBeUndefined()
  })

  test('keeps the first policy that it was bound to', () => {
    const raw = request()
    const first = policy()
    bindRequest(raw, first)
    bindRequest(raw, definePolicy({ hops: [] }))
    expect(policyOf(raw)).toBe(first)
    expect(policyOf({ raw })).toBe(first)
  })

  test('is of the policy that its own kind of request carries before that of its socket', () => {
    const [own, raws, sockets] = [policy(), policy(), policy()]
    const socket = { remoteAddress: '127.0.0.1' }
    bindRequest(socket as unknown as IncomingMessage, sockets)
    const raw = request({ socket })
    expect(policyOf(raw)).toBe(sockets)
    bindRequest(raw, raws)
    expect(policyOf({ raw })).toBe(raws)
    const framework = { raw, [Symbol.for('truehop.policy/1')]: own }
    expect(policyOf(framework)).toBe(own)
  })

  test('that was injected without a socket of Node’s is not over TLS', () => {
    const raw = request({ socket: undefined })
    bindRequest(raw, policy())
    expect(identityOf(raw)).toMatchObject({ status: 'undetermined', protocol: 'http' })
    const old = request({ socket: undefined, httpVersionMajor: 1, rawHeaders: [] })
    bindRequest(old, policy())
    expect(identityOf(old)).toMatchObject({ status: 'undetermined', reason: 'no-peer' })
    const secure = request({ socket: { remoteAddress: '127.0.0.1', encrypted: true } })
    bindRequest(secure, policy())
    expect(identityOf(secure).protocol).toBe('https')
  })

  test('is walked again for another connection', () => {
    const ranges = policy()
    const answers = ['127.0.0.1', '127.0.0.1', '127.0.0.1', '192.0.2.1'].map((remoteAddress) => {
      const raw = request({ socket: { remoteAddress } })
      bindRequest(raw, ranges)
      const identity = identityOf(raw)
      return identity.status === 'resolved' && identity.ip
    })
    expect(answers).toEqual([CLIENT, CLIENT, CLIENT, '192.0.2.1'])
  })
})
