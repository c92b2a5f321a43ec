import { createHash, randomBytes } from 'node:crypto'
import { Agent, createServer, request } from 'node:http'
import { createServer as createNet } from 'node:net'
import { describe, expect, test } from 'vitest'
import { acceptProxyProtocol, encode } from '../../src/index.js'
import { ask, relay, segment, textOf } from './client.js'
import { ended, rawClient, until, v1 } from './raw.js'
import { echoServer, KINDS, listening } from './service.js'

const HEADER = v1('192.0.2.1')

describe('nothing after the header is lost, doubled or changed', () => {
  test.each(KINDS)('%s: a body of 300 kB, in chunks of any size', async (kind) => {
    const server = echoServer(kind)
    const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const front = await relay(await listening(server), Buffer.from(HEADER), (first) => [first])
    const body = randomBytes(150_000).toString('hex')
    const answer = await ask(kind, front, body)
    expect(sha256(answer.body)).toBe(sha256(body))
    expect(handle.counters).toMatchObject({ accepted: 1, refusedTotal: 0 })
  })

  test('a net server gets 5 MB sent in one write with the header', async () => {
    const hash = createHash('sha256')
    const server = createNet({ allowHalfOpen: true }, (socket) => {
      socket.on('data', (chunk) => hash.update(chunk))
      socket.on('end', () => socket.end('done'))
    })
    acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const client = await rawClient(await listening(server))
    const body = randomBytes(5_000_000)
    client.end(Buffer.concat([Buffer.from(HEADER), body]))
    expect(await ended(client)).toBe('done')
    expect(hash.digest('hex')).toBe(sha256(body))
  })

  test('a socket with a buffer smaller than the header', async () => {
    const options = { highWaterMark: 8, allowHalfOpen: true } as object
    const server = createNet(options, (socket) => {
      socket.pipe(socket)
    })
    acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const port = await listening(server)
    const body = randomBytes(20_000).toString('hex')
    const front = await relay(port, Buffer.from(HEADER), (first) => [
      ...Array.from(first.subarray(0, 60), (byte) => Buffer.of(byte)),
      first.subarray(60),
    ])
    const client = await rawClient(front)
    client.end(body)
    expect(sha256(await ended(client))).toBe(sha256(body))
  })

  test('requests pipelined behind the header are answered in order', async () => {
    const paths: (string | undefined)[] = []
    const server = createServer(({ url }, response) => {
      paths.push(url)
      response.end(`<${url}>`)
    })
    acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const port = await listening(server)
    const expected = Array.from({ length: 20 }, (_, at) => `/${at}`)
    const requests = expected.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join('')
    const all = Buffer.from(`${HEADER}${requests}`)
    for (const at of [HEADER.length, HEADER.length + 7, HEADER.length + 100, all.length]) {
      paths.length = 0
      const client = await rawClient(port)
      let text = ''
      client.on('data', (chunk) => {
        text += chunk
      })
      await segment(client, all.subarray(0, at))
      client.write(all.subarray(at))
      await until(() => paths.length === 20 && text.includes('</19>'))
      expect(paths).toEqual(expected)
      expect(text.match(/<.*?>/g)).toEqual(expected.map((path) => `<${path}>`))
      client.destroy()
    }
  })

  test('a header of the greatest length allowed, one byte at a time', async () => {
    const filling = { type: 0xe0, value: new Uint8Array(4096 - 16 - 12 - 3) }
    const header = encode({
      version: 2,
      command: 'PROXY',
      family: 'INET',
      transport: 'STREAM',
      source: { address: '192.0.2.1', port: 1 },
      destination: { address: '192.0.2.2', port: 2 },
      tlvs: [filling],
    })
    expect(header).toHaveLength(4096)
    const server = createNet({ allowHalfOpen: true }, (socket) => {
      socket.pipe(socket)
    })
    const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const client = await rawClient(await listening(server))
    for (const byte of header) {
      await new Promise((resolve) => client.write(Buffer.of(byte), resolve))
    }
    client.end('payload')
    expect(await ended(client)).toBe('payload')
    expect(handle.counters.accepted).toBe(1)
  })
})

describe("the server's own timeouts after the header", () => {
  test('headersTimeout ends a request whose headers do not come, with 408', async () => {
    const server = createServer({ headersTimeout: 100, connectionsCheckingInterval: 20 })
    const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const client = await rawClient(await listening(server))
    client.write(`${HEADER}GET / HTTP/1.1\r\n`)
    expect(await ended(client)).toContain('HTTP/1.1 408 ')
    expect(handle.counters).toMatchObject({ accepted: 1, refusedTotal: 0 })
  })

  test('headersTimeout does not count the time that the header took', async () => {
    const server = createServer(
      { headersTimeout: 150, connectionsCheckingInterval: 10 },
      (_, response) => response.end('hello'),
    )
    acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const client = await rawClient(await listening(server))
    await new Promise((resolve) => setTimeout(resolve, 250))
    client.end(`${HEADER}GET / HTTP/1.0\r\n\r\n`)
    expect(await ended(client)).toContain('hello')
  })

  test('requestTimeout ends a request whose body does not come, with 408', async () => {
    const server = createServer(
      { requestTimeout: 150, headersTimeout: 100, connectionsCheckingInterval: 20 },
      (incoming) => incoming.resume(),
    )
    const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const client = await rawClient(await listening(server))
    client.write(`${HEADER}POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf`)
    expect(await ended(client)).toContain('HTTP/1.1 408 ')
    expect(handle.counters).toMatchObject({ accepted: 1, refusedTotal: 0 })
  })

  test('keepAliveTimeout ends an idle connection after its response', async () => {
    const server = createServer({ keepAliveTimeout: 50 }, (_, response) => {
      response.end('hello')
    })
    acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const client = await rawClient(await listening(server))
    client.write(`${HEADER}GET / HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(await ended(client)).toContain('hello')
  })

  test('server.timeout, a timer on the socket, fires after the header and not before', async () => {
    const server = createServer()
    let fired = 0
    server.setTimeout(60, (socket) => {
      fired++
      socket.destroy()
    })
    const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const client = await rawClient(await listening(server))
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(fired).toBe(0)
    expect(handle.counters.pending).toBe(1)
    client.write(HEADER)
    await ended(client)
    expect(fired).toBe(1)
  })

  test('one connection carries many requests', async () => {
    const server = createServer((incoming, response) => {
      textOf(incoming).then((text) => response.end(text))
    })
    const handle = acceptProxyProtocol(server, { from: ['127.0.0.1'] })
    const port = await relay(await listening(server), Buffer.from(HEADER), (first) => [first])
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let times = 0; times < 10; times++) {
      const text = await new Promise((resolve, reject) => {
        const call = request({ port, agent, method: 'POST' }, (response) => {
          textOf(response).then(resolve, reject)
        })
        call.on('error', reject)
        call.end(`request ${times}`)
      })
      expect(text).toBe(`request ${times}`)
    }
    agent.destroy()
    expect(handle.counters.accepted).toBe(1)
  })
})

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
